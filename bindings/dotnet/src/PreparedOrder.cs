using System;

namespace Kopilka
{
    /// <summary>
    /// An order, checked once against a programme and quoted many times. It outlives the programme for
    /// which it was made.
    /// </summary>
    public sealed class PreparedOrder : EngineHandle
    {
        internal PreparedOrder(NativeHandle native) : base(native)
        {
        }

        internal Quote QuotedAt(NativeHandle place, QuoteCall call)
        {
            var writer = JsonWriter.Rent();
            Guard.Needed(call, "call").WriteTo(writer);
            return NativeCalls.Quote(place, Native, writer, Kopilka.Quote.Codec);
        }
    }
}
