using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Kopilka
{
    /// <summary>
    /// Reads the canonical JSON that the engine writes: keys in order, no white space. Because a key is
    /// looked for in one place only, a key that is unknown, missing or there twice is found.
    /// </summary>
    internal sealed class JsonReader
    {
        private static readonly byte[] True = { (byte)'t', (byte)'r', (byte)'u', (byte)'e' };
        private static readonly byte[] False = { (byte)'f', (byte)'a', (byte)'l', (byte)'s', (byte)'e' };

        private readonly byte[] data;
        private readonly int end;
        private readonly char[] signs = new char[64];
        private int at;

        internal JsonReader(byte[] data, int length)
        {
            this.data = data;
            end = length;
        }

        /// <summary>Reads a whole text.</summary>
        internal static T Whole<T>(string json, Codec<T> codec)
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            return Whole(bytes, bytes.Length, codec);
        }

        /// <summary>Reads the first bytes of a buffer.</summary>
        internal static T Whole<T>(byte[] data, int length, Codec<T> codec)
        {
            var reader = new JsonReader(data, length);
            var value = codec.Read(reader);
            if (reader.at != reader.end)
                throw reader.Unexpected("the end");
            return value;
        }

        internal void Open()
        {
            Take('{', "an object");
        }

        internal void Close()
        {
            Take('}', "the end of an object");
        }

        /// <summary>Whether the next key is this one; if so, it is read.</summary>
        internal bool Has(byte[] key)
        {
            var start = at < end && data[at] == ',' ? at + 1 : at;
            if (!Matches(key, start))
                return false;
            at = start + key.Length;
            return true;
        }

        internal void Need(byte[] key)
        {
            if (!Has(key))
                throw Unexpected("the key " + Encoding.ASCII.GetString(key).TrimEnd(':'));
        }

        /// <summary>Which of some keys is next; it is read.</summary>
        internal int Variant(byte[][] keys)
        {
            for (var place = 0; place < keys.Length; place++)
            {
                if (Has(keys[place]))
                    return place;
            }
            throw Unexpected("a known variant");
        }

        /// <summary>Which of some words is next; it is read.</summary>
        internal int Word(byte[][] words)
        {
            for (var place = 0; place < words.Length; place++)
            {
                if (Matches(words[place], at))
                {
                    at += words[place].Length;
                    return place;
                }
            }
            throw Unexpected("a known word");
        }

        internal bool Bool()
        {
            if (Matches(True, at))
            {
                at += True.Length;
                return true;
            }
            if (!Matches(False, at))
                throw Unexpected("true or false");
            at += False.Length;
            return false;
        }

        internal int Int()
        {
            return checked((int)Long());
        }

        internal long Long()
        {
            var negative = at < end && data[at] == '-';
            if (negative)
                at++;
            var start = at;
            long value = 0;
            for (; at < end && IsDigit(data[at]); at++)
                value = checked(value * 10 - (data[at] - '0'));
            if (at == start || (at < end && (data[at] == '.' || data[at] == 'e' || data[at] == 'E')))
                throw Unexpected("a whole number");
            return negative ? value : checked(-value);
        }

        /// <summary>A decimal number, which stands in a string. Its scale is kept: 1.50 is not 1.5.</summary>
        internal decimal Decimal()
        {
            Take('"', "a decimal number in a string");
            var start = at;
            var negative = at < end && data[at] == '-';
            if (negative)
                at++;
            ulong units = 0;
            var digits = 0;
            var point = -1;
            for (; at < end && data[at] != '"'; at++)
            {
                if (data[at] == '.' && point < 0)
                {
                    point = digits;
                    continue;
                }
                if (!IsDigit(data[at]))
                    throw Unexpected("a digit");
                digits++;
                if (digits <= 19)
                    units = unchecked(units * 10 + (ulong)(data[at] - '0'));
            }
            var length = at - start;
            Take('"', "the end of a string");
            if (digits == 0)
                throw Unexpected("a digit");
            if (digits <= 18)
            {
                var scale = (byte)(point < 0 ? 0 : digits - point);
                return new decimal(
                    unchecked((int)units), unchecked((int)(units >> 32)), 0, negative, scale);
            }
            const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
            var text = Encoding.ASCII.GetString(data, start, length);
            return decimal.Parse(text, styles, CultureInfo.InvariantCulture);
        }

        /// <summary>An instant in UTC, of which nothing is cut off.</summary>
        internal Instant Instant()
        {
            Take('"', "an instant");
            var year = Digits(4);
            Take('-', "a date");
            var month = Digits(2);
            Take('-', "a date");
            var day = Digits(2);
            Take('T', "a time");
            var hour = Digits(2);
            Take(':', "a time");
            var minute = Digits(2);
            Take(':', "a time");
            var second = Digits(2);
            var nanoseconds = 0;
            if (at < end && data[at] == '.')
            {
                at++;
                var unit = 100000000;
                for (; at < end && IsDigit(data[at]); at++, unit /= 10)
                    nanoseconds += (data[at] - '0') * unit;
            }
            Take('Z', "an instant in UTC");
            Take('"', "the end of a string");
            var whole = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
            return new Instant(whole.AddTicks(nanoseconds / 100), nanoseconds % 100);
        }

        internal string Text()
        {
            Take('"', "a string");
            var start = at;
            var length = 0;
            for (; at < end; at++, length++)
            {
                var sign = data[at];
                if (sign == '"')
                    break;
                if (sign == '\\')
                    return Escaped(start);
                // Most strings are short and ASCII, for which the decoder is a long way round.
                if (sign < 0x80 && length < signs.Length)
                    signs[length] = (char)sign;
                else
                    length = signs.Length;
            }
            Take('"', "the end of a string");
            return length < signs.Length
                ? new string(signs, 0, length)
                : Encoding.UTF8.GetString(data, start, at - 1 - start);
        }

        internal JsonText Json()
        {
            var start = at;
            Skip();
            return JsonText.Known(Encoding.UTF8.GetString(data, start, at - start));
        }

        internal IReadOnlyDictionary<string, string> TextMap()
        {
            Open();
            var map = new Dictionary<string, string>();
            while (at < end && data[at] != '}')
            {
                if (map.Count > 0)
                    Take(',', "a comma");
                var name = Text();
                Take(':', "a colon");
                if (map.ContainsKey(name))
                    throw Unexpected("another key");
                map.Add(name, Text());
            }
            Close();
            return new System.Collections.ObjectModel.ReadOnlyDictionary<string, string>(map);
        }

        internal IReadOnlyList<T> List<T>(Codec<T> item)
        {
            Take('[', "a list");
            if (at < end && data[at] == ']')
            {
                at++;
                return Guard.None<T>();
            }
            var items = new List<T>();
            do
                items.Add(item.Read(this));
            while (Comma());
            Take(']', "the end of a list");
            return items.AsReadOnly();
        }

        private bool Comma()
        {
            if (at >= end || data[at] != ',')
                return false;
            at++;
            return true;
        }

        /// <summary>Passes over any value.</summary>
        private void Skip()
        {
            var depth = 0;
            do
            {
                if (at >= end)
                    throw Unexpected("a value");
                var sign = data[at];
                if (sign == '"')
                {
                    SkipText();
                    continue;
                }
                if (sign == '{' || sign == '[')
                    depth++;
                else if (sign == '}' || sign == ']')
                    depth--;
                at++;
            }
            while (depth > 0 || (at < end && IsPlain(data[at])));
        }

        private void SkipText()
        {
            for (at++; at < end && data[at] != '"'; at++)
            {
                if (data[at] == '\\')
                    at++;
            }
            Take('"', "the end of a string");
        }

        private string Escaped(int start)
        {
            var text = new StringBuilder(Encoding.UTF8.GetString(data, start, at - start));
            while (at < end && data[at] != '"')
            {
                if (data[at] == '\\')
                {
                    at++;
                    text.Append(Escape());
                    continue;
                }
                var from = at;
                while (at < end && data[at] != '"' && data[at] != '\\')
                    at++;
                text.Append(Encoding.UTF8.GetString(data, from, at - from));
            }
            Take('"', "the end of a string");
            return text.ToString();
        }

        private char Escape()
        {
            var sign = at < end ? (char)data[at++] : ' ';
            switch (sign)
            {
                case '"':
                case '\\':
                case '/':
                    return sign;
                case 'b':
                    return '\b';
                case 'f':
                    return '\f';
                case 'n':
                    return '\n';
                case 'r':
                    return '\r';
                case 't':
                    return '\t';
                case 'u':
                    if (at + 4 > end)
                        throw Unexpected("four digits");
                    at += 4;
                    var code = Encoding.ASCII.GetString(data, at - 4, 4);
                    return (char)ushort.Parse(
                        code, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                default:
                    throw Unexpected("an escape");
            }
        }

        private int Digits(int count)
        {
            var value = 0;
            for (var digit = 0; digit < count; digit++, at++)
            {
                if (at >= end || !IsDigit(data[at]))
                    throw Unexpected("a digit");
                value = value * 10 + (data[at] - '0');
            }
            return value;
        }

        private bool Matches(byte[] expected, int start)
        {
            if (start + expected.Length > end)
                return false;
            // Keys and words differ sooner at their beginning than at their end.
            for (var place = 0; place < expected.Length; place++)
            {
                if (data[start + place] != expected[place])
                    return false;
            }
            return true;
        }

        private void Take(char sign, string what)
        {
            if (at >= end || data[at] != sign)
                throw Unexpected(what);
            at++;
        }

        private static bool IsDigit(byte sign)
        {
            return sign >= '0' && sign <= '9';
        }

        private static bool IsPlain(byte sign)
        {
            return sign != ',' && sign != '}' && sign != ']' && sign != ':';
        }

        private Exception Unexpected(string expected)
        {
            return KopilkaException.OfAnswer(
                "expected " + expected + " at byte " + at.ToString(CultureInfo.InvariantCulture)
                + " of the engine's answer: Kopilka.dll and its native library are of different versions");
        }
    }
}
