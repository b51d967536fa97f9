using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Kopilka.Tests
{
    /// <summary>
    /// Writes objects as canonical JSON from their public properties: a field that was lost or bent on
    /// its way is missing or wrong here.
    /// </summary>
    internal static class Written
    {
        public static string Canonical(object value)
        {
            var text = value as string;
            if (text != null)
                return Json.Quoted(text);
            if (value is decimal)
                return Json.Quoted(Decimal((decimal)value));
            if (value is Instant)
                return Json.Quoted(InstantOf((Instant)value));
            if (value is bool)
                return (bool)value ? "true" : "false";
            if (value is int || value is long)
                return Convert.ToInt64(value).ToString(CultureInfo.InvariantCulture);
            if (value is JsonText)
                return value.ToString();
            if (value is Enum)
                return Json.Quoted(Word((Enum)value));
            var map = value as IReadOnlyDictionary<string, string>;
            if (map != null)
                return Entries(map.Select(entry => Pair(entry.Key, entry.Value)));
            var list = value as IEnumerable;
            if (list != null)
                return "[" + string.Join(",", list.Cast<object>().Select(Canonical)) + "]";
            var type = value.GetType();
            return Api.Kind(type.Name) == "union" ? Union(value, type) : Object(value, type);
        }

        /// <summary>What was wrong, as transcripts have it.</summary>
        public static string Errors(KopilkaException error)
        {
            var mistakes = error.Mistakes.Select(mistake => Entries(new[]
            {
                Pair("code", mistake.Code),
                Pair("message", mistake.Message),
                Pair("path", mistake.Path),
            }));
            return "[" + string.Join(",", mistakes) + "]";
        }

        /// <summary>A decimal with the scale that it has.</summary>
        public static string Decimal(decimal value)
        {
            var text = value.ToString(CultureInfo.InvariantCulture);
            var negative = decimal.GetBits(value)[3] < 0;
            return negative && text[0] != '-' ? "-" + text : text;
        }

        private static string InstantOf(Instant value)
        {
            var utc = value.DateTimeOffset.ToUniversalTime();
            var seconds = utc.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
            var fraction = utc.Ticks % TimeSpan.TicksPerSecond * 100 + value.Nanoseconds;
            var digits = fraction.ToString("000000000").TrimEnd('0');
            return seconds + (digits.Length > 0 ? "." + digits : "") + "Z";
        }

        private static string Word(Enum value)
        {
            var type = value.GetType().Name;
            return Api.Parts(type).Keys.Single(word => Api.Member(type, word) == value.ToString());
        }

        private static string Union(object value, Type type)
        {
            var kind = type.GetProperty("Kind").GetValue(value, null).ToString();
            var set = new List<KeyValuePair<string, string>>();
            foreach (var key in Api.Parts(type.Name).Keys)
            {
                var name = Api.Member(type.Name, key);
                var content = type.GetProperty(name).GetValue(value, null);
                if ((content != null) != (name == kind))
                    throw new InvalidOperationException(type.Name + " is two variants");
                if (content != null)
                    set.Add(Pair(key, content));
            }
            return Entries(set);
        }

        private static string Object(object value, Type type)
        {
            var entries = new List<KeyValuePair<string, string>>();
            foreach (var field in Api.Parts(type.Name))
            {
                var name = Api.Member(type.Name, field.Key);
                var content = type.GetProperty(name).GetValue(value, null);
                if (content != null)
                    entries.Add(Pair(field.Key, content));
                else if (!field.Value.Has("optional"))
                    throw new InvalidOperationException(type.Name + "." + name + " is not there");
            }
            return Entries(entries);
        }

        private static KeyValuePair<string, string> Pair(string key, object value)
        {
            return new KeyValuePair<string, string>(key, Canonical(value));
        }

        private static string Entries(IEnumerable<KeyValuePair<string, string>> entries)
        {
            var sorted = entries.OrderBy(entry => entry.Key, Comparer<string>.Create(ByBytes));
            var written = sorted.Select(entry => Json.Quoted(entry.Key) + ":" + entry.Value);
            return "{" + string.Join(",", written) + "}";
        }

        private static int ByBytes(string left, string right)
        {
            byte[] one = Encoding.UTF8.GetBytes(left), other = Encoding.UTF8.GetBytes(right);
            for (var place = 0; place < Math.Min(one.Length, other.Length); place++)
            {
                if (one[place] != other[place])
                    return one[place] - other[place];
            }
            return one.Length - other.Length;
        }
    }
}
