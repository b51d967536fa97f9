using System;

namespace Kopilka
{
    /// <summary>A policy of a support desk: hours, promises, tickets and reports.</summary>
    public sealed partial class Desk : EngineHandle
    {
        private Desk(NativeHandle native) : base(native)
        {
        }

        /// <summary>Compiles a policy from the text of its document.</summary>
        /// <param name="policy">The JSON, as a file of a policy holds it.</param>
        /// <exception cref="KopilkaException">All mistakes of the document.</exception>
        public static Desk Open(string policy)
        {
            return new Desk(OpenText(HandleKind.Desk, policy, "policy"));
        }

        /// <summary>Compiles a policy from its parts.</summary>
        /// <param name="policy">The policy.</param>
        /// <exception cref="KopilkaException">All mistakes of the document.</exception>
        public static Desk Open(DeskDocument policy)
        {
            return new Desk(Open(HandleKind.Desk, policy, DeskDocument.Codec, "policy"));
        }
    }
}
