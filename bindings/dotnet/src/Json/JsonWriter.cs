using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;

namespace Kopilka
{
    /// <summary>Writes JSON as UTF-8 into one buffer, the same in every culture.</summary>
    internal sealed class JsonWriter
    {
        private static readonly Encoding Strict = new UTF8Encoding(false, true);

        /// <summary>A writer that nobody uses now, so that most calls need no new one.</summary>
        private static JsonWriter spare;

        /// <summary>More decimals than these are refused by the engine.</summary>
        private const int DecimalsMax = 9;

        private byte[] buffer = new byte[4096];
        private int length;

        internal byte[] Buffer => buffer;

        internal int Length => length;

        internal static JsonWriter Rent()
        {
            var writer = Interlocked.Exchange(ref spare, null) ?? new JsonWriter();
            writer.length = 0;
            return writer;
        }

        internal static void Return(JsonWriter writer)
        {
            // A very large buffer is not kept for ever.
            if (writer.buffer.Length <= 1 << 20)
                spare = writer;
        }

        internal void Open()
        {
            Byte('{');
        }

        internal void Close()
        {
            Byte('}');
        }

        internal void Key(byte[] key)
        {
            if (buffer[length - 1] != '{')
                Byte(',');
            Bytes(key);
        }

        internal void Word(byte[][] words, int place)
        {
            if (place < 0 || place >= words.Length)
                throw new ArgumentOutOfRangeException("value", place, "The enum has no such value.");
            Bytes(words[place]);
        }

        internal void Bool(bool value)
        {
            Ascii(value ? "true" : "false");
        }

        internal void Int(int value)
        {
            Long(value);
        }

        internal void Long(long value)
        {
            if (value < 0)
                Byte('-');
            // The size of the least number fits into no long.
            Number(value < 0 ? unchecked((ulong)-value) : (ulong)value, 1);
        }

        /// <summary>
        /// A decimal number in a string, with the scale that it has. What C# cannot see is left out: the sign
        /// of a zero, and zeros after the ninth decimal, of which a product easily has some.
        /// </summary>
        internal void Decimal(decimal value)
        {
            var bits = decimal.GetBits(value);
            var scale = (bits[3] >> 16) & 0x7f;
            if (scale > DecimalsMax && decimal.Round(value, DecimalsMax) == value)
            {
                Decimal(decimal.Round(value, DecimalsMax));
                return;
            }
            Byte('"');
            if (bits[3] < 0 && value != 0)
                Byte('-');
            var units = ((ulong)(uint)bits[1] << 32) | (uint)bits[0];
            if (bits[2] == 0 && scale <= 18)
            {
                ulong one = 1;
                for (var digit = 0; digit < scale; digit++)
                    one *= 10;
                Number(units / one, 1);
                if (scale > 0)
                {
                    Byte('.');
                    Number(units % one, scale);
                }
            }
            else
            {
                var size = Math.Abs(value);
                Ascii(size.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
            Byte('"');
        }

        /// <summary>An instant with its offset.</summary>
        internal void Instant(Instant instant)
        {
            var value = instant.DateTimeOffset;
            Byte('"');
            Number((ulong)value.Year, 4);
            Byte('-');
            Number((ulong)value.Month, 2);
            Byte('-');
            Number((ulong)value.Day, 2);
            Byte('T');
            Number((ulong)value.Hour, 2);
            Byte(':');
            Number((ulong)value.Minute, 2);
            Byte(':');
            Number((ulong)value.Second, 2);
            var nanoseconds = value.Ticks % TimeSpan.TicksPerSecond * 100 + instant.Nanoseconds;
            if (nanoseconds > 0)
            {
                Byte('.');
                Number((ulong)nanoseconds, 9);
                while (buffer[length - 1] == '0')
                    length--;
            }
            var offset = (long)value.Offset.TotalMinutes;
            if (offset == 0)
            {
                Byte('Z');
            }
            else
            {
                Byte(offset < 0 ? '-' : '+');
                offset = Math.Abs(offset);
                Number((ulong)(offset / 60), 2);
                Byte(':');
                Number((ulong)(offset % 60), 2);
            }
            Byte('"');
        }

        internal void Text(string value)
        {
            Byte('"');
            var room = Strict.GetMaxByteCount(value.Length);
            Room(room);
            var plain = 0;
            for (; plain < value.Length; plain++)
            {
                var sign = value[plain];
                if (sign < ' ' || sign > '~' || sign == '"' || sign == '\\')
                    break;
                buffer[length + plain] = (byte)sign;
            }
            length += plain;
            if (plain < value.Length)
                Rest(value, plain);
            Byte('"');
        }

        internal void Json(JsonText value)
        {
            Raw(value.ToString());
        }

        /// <summary>A text that is JSON already.</summary>
        internal void Raw(string text)
        {
            Room(Strict.GetMaxByteCount(text.Length));
            length += Strict.GetBytes(text, 0, text.Length, buffer, length);
        }

        internal void TextMap(IReadOnlyDictionary<string, string> map)
        {
            Open();
            foreach (var entry in map)
            {
                if (buffer[length - 1] != '{')
                    Byte(',');
                Text(entry.Key);
                Byte(':');
                Text(entry.Value);
            }
            Close();
        }

        internal void List<T>(IReadOnlyList<T> list, Codec<T> item)
        {
            Byte('[');
            for (var place = 0; place < list.Count; place++)
            {
                if (place > 0)
                    Byte(',');
                item.Write(this, list[place]);
            }
            Byte(']');
        }

        /// <summary>What follows the first sign that is not plain ASCII.</summary>
        private void Rest(string value, int start)
        {
            var from = start;
            for (var place = start; place <= value.Length; place++)
            {
                var ends = place == value.Length;
                if (!ends && value[place] >= ' ' && value[place] != '"' && value[place] != '\\')
                    continue;
                Room(Strict.GetMaxByteCount(place - from));
                length += Strict.GetBytes(value, from, place - from, buffer, length);
                if (!ends)
                    Escaped(value[place]);
                from = place + 1;
            }
        }

        private void Escaped(char sign)
        {
            Byte('\\');
            switch (sign)
            {
                case '"':
                case '\\':
                    Byte(sign);
                    break;
                case '\b':
                    Byte('b');
                    break;
                case '\f':
                    Byte('f');
                    break;
                case '\n':
                    Byte('n');
                    break;
                case '\r':
                    Byte('r');
                    break;
                case '\t':
                    Byte('t');
                    break;
                default:
                    Ascii("u00");
                    Byte("0123456789abcdef"[sign >> 4]);
                    Byte("0123456789abcdef"[sign & 15]);
                    break;
            }
        }

        private void Number(ulong value, int digits)
        {
            var size = digits;
            for (var rest = value; size < 20 && rest >= Power(size); )
                size++;
            Room(size);
            for (var place = size - 1; place >= 0; place--, value /= 10)
                buffer[length + place] = (byte)('0' + value % 10);
            length += size;
        }

        private static ulong Power(int digits)
        {
            ulong power = 1;
            for (var digit = 0; digit < digits; digit++)
                power *= 10;
            return power;
        }

        private void Ascii(string text)
        {
            foreach (var sign in text)
                Byte(sign);
        }

        private void Bytes(byte[] bytes)
        {
            Room(bytes.Length);
            System.Buffer.BlockCopy(bytes, 0, buffer, length, bytes.Length);
            length += bytes.Length;
        }

        private void Byte(char sign)
        {
            Room(1);
            buffer[length++] = (byte)sign;
        }

        private void Room(int bytes)
        {
            if (length + bytes > buffer.Length)
                Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + bytes));
        }
    }
}
