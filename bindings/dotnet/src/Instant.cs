using System;

namespace Kopilka
{
    /// <summary>
    /// An instant with its offset, to the nanosecond. A <see cref="System.DateTimeOffset"/> becomes one
    /// by itself wherever one is taken. The engine puts calls of the same moment a nanosecond apart, which
    /// is finer than that type can say; in a record it must not get lost.
    /// </summary>
    public struct Instant : IEquatable<Instant>, IComparable<Instant>
    {
        private const int NanosecondsOfTick = 100;

        /// <summary>Makes one of an instant and what is finer than its tick.</summary>
        /// <param name="value">The instant.</param>
        /// <param name="nanoseconds">The nanoseconds beyond it, 0 to 99.</param>
        public Instant(DateTimeOffset value, int nanoseconds = 0)
        {
            if (nanoseconds < 0 || nanoseconds >= NanosecondsOfTick)
                throw new ArgumentOutOfRangeException("nanoseconds");
            DateTimeOffset = value;
            Nanoseconds = nanoseconds;
        }

        /// <summary>The instant without what is finer than 100 nanoseconds.</summary>
        public DateTimeOffset DateTimeOffset { get; }

        /// <summary>The nanoseconds beyond it, 0 to 99.</summary>
        public int Nanoseconds { get; }

        /// <summary>An instant of the host's clock.</summary>
        /// <param name="value">The instant.</param>
        public static implicit operator Instant(DateTimeOffset value)
        {
            return new Instant(value);
        }

        /// <summary>Whether both are the same moment, in whatever offset.</summary>
        /// <param name="left">One.</param>
        /// <param name="right">The other.</param>
        public static bool operator ==(Instant left, Instant right)
        {
            return left.Equals(right);
        }

        /// <summary>Whether they are two moments.</summary>
        /// <param name="left">One.</param>
        /// <param name="right">The other.</param>
        public static bool operator !=(Instant left, Instant right)
        {
            return !left.Equals(right);
        }

        /// <summary>Whether one is before the other.</summary>
        /// <param name="left">One.</param>
        /// <param name="right">The other.</param>
        public static bool operator <(Instant left, Instant right)
        {
            return left.CompareTo(right) < 0;
        }

        /// <summary>Whether one is after the other.</summary>
        /// <param name="left">One.</param>
        /// <param name="right">The other.</param>
        public static bool operator >(Instant left, Instant right)
        {
            return left.CompareTo(right) > 0;
        }

        /// <summary>Whether both are the same moment, in whatever offset.</summary>
        /// <param name="other">The other.</param>
        public bool Equals(Instant other)
        {
            return CompareTo(other) == 0;
        }

        /// <summary>Whether both are the same moment, in whatever offset.</summary>
        /// <param name="obj">The other.</param>
        public override bool Equals(object obj)
        {
            return obj is Instant && Equals((Instant)obj);
        }

        /// <summary>The same for the same moment.</summary>
        public override int GetHashCode()
        {
            return DateTimeOffset.GetHashCode() ^ Nanoseconds;
        }

        /// <summary>Less than zero if this is before the other, more than zero if after.</summary>
        /// <param name="other">The other.</param>
        public int CompareTo(Instant other)
        {
            var whole = DateTimeOffset.CompareTo(other.DateTimeOffset);
            return whole != 0 ? whole : Nanoseconds.CompareTo(other.Nanoseconds);
        }

        /// <summary>RFC 3339, as the engine writes it.</summary>
        public override string ToString()
        {
            var writer = JsonWriter.Rent();
            writer.Instant(this);
            var text = System.Text.Encoding.ASCII.GetString(writer.Buffer, 1, writer.Length - 2);
            JsonWriter.Return(writer);
            return text;
        }
    }
}
