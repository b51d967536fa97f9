using System;

namespace Kopilka
{
    /// <summary>A ledger in memory alone, for trials and tests: it is forgotten when it is disposed of.</summary>
    public sealed partial class Book : EngineHandle
    {
        private Book(NativeHandle native) : base(native)
        {
        }

        /// <summary>Opens an empty book.</summary>
        /// <param name="options">How it is opened.</param>
        /// <exception cref="KopilkaException">The options or the programme in them are refused.</exception>
        public static Book Open(BookOptions options)
        {
            return new Book(Open(HandleKind.Book, options, BookOptions.Codec, "options"));
        }

        /// <summary>Answers a request: decides it, and keeps what changes.</summary>
        /// <param name="request">The request.</param>
        /// <exception cref="KopilkaException">It was refused, and nothing was done.</exception>
        public Answer Call(Request request)
        {
            return AskWhole(request, Request.Codec, Answer.Codec);
        }

        /// <summary>What a prepared order costs, spends and earns; nothing changes.</summary>
        /// <param name="order">The order.</param>
        /// <param name="call">The instant, and whether the quote tells how each number came about.</param>
        /// <exception cref="KopilkaException">It was refused.</exception>
        public Quote Quote(PreparedOrder order, QuoteCall call)
        {
            return Guard.Needed(order, "order").QuotedAt(Native, call);
        }
    }
}
