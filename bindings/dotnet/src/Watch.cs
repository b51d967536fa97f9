using System;

namespace Kopilka
{
    /// <summary>A policy of a watch over fraud, with the state of what it saw.</summary>
    public sealed partial class Watch : EngineHandle
    {
        private Watch(NativeHandle native) : base(native)
        {
        }

        /// <summary>Compiles a policy from the text of its document; nothing was seen yet.</summary>
        /// <param name="policy">The JSON, as a file of a policy holds it.</param>
        /// <exception cref="KopilkaException">All mistakes of the document.</exception>
        public static Watch Open(string policy)
        {
            return new Watch(OpenText(HandleKind.Watch, policy, "policy"));
        }

        /// <summary>Compiles a policy from its parts; nothing was seen yet.</summary>
        /// <param name="policy">The policy.</param>
        /// <exception cref="KopilkaException">All mistakes of the document.</exception>
        public static Watch Open(WatchDocument policy)
        {
            return new Watch(Open(HandleKind.Watch, policy, WatchDocument.Codec, "policy"));
        }
    }
}
