using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Kopilka.Tests
{
    /// <summary>JSON as the tests read it: nothing is lost, neither order nor keys that stand twice.</summary>
    internal sealed class Json
    {
        private Json(char kind, string raw)
        {
            Kind = kind;
            Raw = raw;
        }

        /// <summary>`{`, `[`, `"`, or what a literal or number begins with.</summary>
        public char Kind { get; }

        /// <summary>The value as it stands in the text.</summary>
        public string Raw { get; private set; }

        public string Text { get; private set; }

        public List<Json> Items { get; private set; }

        public List<KeyValuePair<string, Json>> Entries { get; private set; }

        public Json this[string key] => Entries.Single(entry => entry.Key == key).Value;

        public bool Has(string key)
        {
            return Kind == '{' && Entries.Any(entry => entry.Key == key);
        }

        public static Json Parse(string text)
        {
            var at = 0;
            var value = Value(text, ref at);
            Space(text, ref at);
            if (at != text.Length)
                throw new Unbuildable("more after the end");
            return value;
        }

        /// <summary>A string of JSON, escaped as RFC 8785 says.</summary>
        public static string Quoted(string text)
        {
            var quoted = new StringBuilder("\"");
            foreach (var sign in text)
            {
                var place = "\"\\\b\f\n\r\t".IndexOf(sign);
                if (place >= 0)
                    quoted.Append('\\').Append("\"\\bfnrt"[place]);
                else if (sign < ' ')
                    quoted.Append("\\u").Append(((int)sign).ToString("x4"));
                else
                    quoted.Append(sign);
            }
            return quoted.Append('"').ToString();
        }

        private static Json Value(string text, ref int at)
        {
            Space(text, ref at);
            var start = at;
            var sign = Sign(text, at);
            var value = new Json(sign, null);
            if (sign == '{')
                value.Entries = ReadEntries(text, ref at);
            else if (sign == '[')
                value.Items = ReadItems(text, ref at);
            else if (sign == '"')
                value.Text = ReadText(text, ref at);
            else
            {
                while ("+-.eE0123456789truefalsn".IndexOf(Sign(text, at)) >= 0)
                    at++;
            }
            if (at == start)
                throw new Unbuildable("no value");
            value.Raw = text.Substring(start, at - start);
            return value;
        }

        private static List<KeyValuePair<string, Json>> ReadEntries(string text, ref int at)
        {
            var entries = new List<KeyValuePair<string, Json>>();
            at++;
            while (!Took(text, ref at, '}'))
            {
                if (entries.Count > 0 && !Took(text, ref at, ','))
                    throw new Unbuildable("no comma");
                Space(text, ref at);
                var key = ReadText(text, ref at);
                if (!Took(text, ref at, ':'))
                    throw new Unbuildable("no colon");
                entries.Add(new KeyValuePair<string, Json>(key, Value(text, ref at)));
            }
            return entries;
        }

        private static List<Json> ReadItems(string text, ref int at)
        {
            var items = new List<Json>();
            at++;
            while (!Took(text, ref at, ']'))
            {
                if (items.Count > 0 && !Took(text, ref at, ','))
                    throw new Unbuildable("no comma");
                items.Add(Value(text, ref at));
            }
            return items;
        }

        private static string ReadText(string text, ref int at)
        {
            if (!Took(text, ref at, '"'))
                throw new Unbuildable("no string");
            var read = new StringBuilder();
            for (; Sign(text, at) != '"'; at++)
            {
                if (at >= text.Length)
                    throw new Unbuildable("no end of a string");
                if (text[at] != '\\')
                {
                    read.Append(text[at]);
                    continue;
                }
                at++;
                if (Sign(text, at) == 'u')
                {
                    const NumberStyles hex = NumberStyles.AllowHexSpecifier;
                    var code = text.Substring(at + 1, 4);
                    read.Append((char)ushort.Parse(code, hex, CultureInfo.InvariantCulture));
                    at += 4;
                    continue;
                }
                var place = "\"\\/bfnrt".IndexOf(Sign(text, at));
                if (place < 0)
                    throw new Unbuildable("no escape");
                read.Append("\"\\/\b\f\n\r\t"[place]);
            }
            at++;
            return read.ToString();
        }

        private static void Space(string text, ref int at)
        {
            while (" \t\r\n".IndexOf(Sign(text, at)) >= 0)
                at++;
        }

        private static bool Took(string text, ref int at, char sign)
        {
            Space(text, ref at);
            if (Sign(text, at) != sign)
                return false;
            at++;
            return true;
        }

        private static char Sign(string text, int at)
        {
            return at < text.Length ? text[at] : '\0';
        }
    }

    /// <summary>A document that no object of the assembly can say.</summary>
    internal sealed class Unbuildable : Exception
    {
        public Unbuildable(string message) : base(message)
        {
        }
    }
}
