using System;

namespace Kopilka
{
    /// <summary>A programme of loyalty, compiled from its document.</summary>
    public sealed partial class Program : EngineHandle
    {
        private Program(NativeHandle native) : base(native)
        {
        }

        /// <summary>Compiles a programme from the text of its document.</summary>
        /// <param name="document">The JSON, as a file of a programme holds it.</param>
        /// <exception cref="KopilkaException">All mistakes of the document.</exception>
        public static Program Open(string document)
        {
            return new Program(OpenText(HandleKind.Program, document, "document"));
        }

        /// <summary>Compiles a programme from its parts.</summary>
        /// <param name="document">The programme.</param>
        /// <exception cref="KopilkaException">All mistakes of the document.</exception>
        public static Program Open(ProgramDocument document)
        {
            return new Program(Open(HandleKind.Program, document, ProgramDocument.Codec, "document"));
        }

        /// <summary>Checks an order once, so that it can be quoted many times.</summary>
        /// <param name="order">The order.</param>
        /// <exception cref="KopilkaException">All mistakes of the order.</exception>
        public PreparedOrder Prepare(Order order)
        {
            var writer = JsonWriter.Rent();
            Guard.Needed(order, "order").WriteTo(writer);
            return new PreparedOrder(NativeCalls.OpenOrder(Native, writer));
        }
    }
}
