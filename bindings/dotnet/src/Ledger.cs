using System;

namespace Kopilka
{
    /// <summary>
    /// The ledger of a till in a file: when a call that changes something returns, it is on the disk.
    /// The same call with the same key is answered the same and happens once, also after a restart.
    /// </summary>
    public sealed partial class Ledger : EngineHandle
    {
        private Ledger(NativeHandle native) : base(native)
        {
        }

        /// <summary>Opens the file of a till, or begins it.</summary>
        /// <param name="options">How it is opened.</param>
        /// <exception cref="StorageException">The file, its folder or its medium failed.</exception>
        /// <exception cref="KopilkaException">The options are refused.</exception>
        public static Ledger Open(LedgerOptions options)
        {
            return new Ledger(Open(HandleKind.Ledger, options, LedgerOptions.Codec, "options"));
        }

        /// <summary>Answers a request: decides it, and keeps what changes.</summary>
        /// <param name="request">The request.</param>
        /// <exception cref="StorageException">The file failed; whether it happened is told by the same call with the same key.</exception>
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
