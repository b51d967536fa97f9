using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Kopilka.Tests
{
    /// <summary>Makes objects of JSON by their public constructors, as a caller would.</summary>
    internal static class Builder
    {
        private static readonly Regex Decimals = new Regex(@"^-?\d+(\.\d+)?$");

        private static readonly Regex Instants = new Regex(
            @"^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$");

        public static object Build(Type type, Json json)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (type == typeof(string))
                return TextOf(json);
            if (type == typeof(decimal))
                return DecimalOf(TextOf(json));
            if (type == typeof(Instant))
                return InstantOf(TextOf(json));
            if (type == typeof(bool))
                return BoolOf(json.Raw);
            if (type == typeof(int))
                return checked((int)LongOf(json.Raw));
            if (type == typeof(long))
                return LongOf(json.Raw);
            if (type == typeof(JsonText))
                return new JsonText(json.Raw);
            if (type.IsEnum)
                return WordOf(type, TextOf(json));
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
                return ListOf(type.GetGenericArguments()[0], json);
            if (type == typeof(IReadOnlyDictionary<string, string>))
                return MapOf(json);
            return Api.Kind(type.Name) == "union" ? UnionOf(type, json) : ObjectOf(type, json);
        }

        private static string TextOf(Json json)
        {
            if (json.Kind != '"')
                throw new Unbuildable(json.Raw + " is no string");
            return json.Text;
        }

        private static object DecimalOf(string text)
        {
            const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
            decimal value;
            var fits = Decimals.IsMatch(text)
                && decimal.TryParse(text, styles, CultureInfo.InvariantCulture, out value)
                && Written.Decimal(value) == text;
            if (!fits)
                throw new Unbuildable(text + " is no decimal");
            var built = decimal.Parse(text, styles, CultureInfo.InvariantCulture);
            var scale = (decimal.GetBits(built)[3] >> 16) & 0x7f;
            // What C# cannot see, the binding does not write.
            if ((built == 0 && text[0] == '-') || (scale > 9 && decimal.Round(built, 9) == built))
                throw new Unbuildable(text + " has a sign or zeros that no decimal shows");
            return built;
        }

        private static object InstantOf(string text)
        {
            var match = Instants.Match(text);
            if (!match.Success)
                throw new Unbuildable(text + " is no instant");
            Func<int, int> part = place => int.Parse(match.Groups[place].Value);
            var zone = match.Groups[9].Value;
            try
            {
                var offset = zone == "Z"
                    ? TimeSpan.Zero
                    : TimeSpan.FromMinutes(int.Parse(zone.Substring(0, 1) + "1")
                        * (int.Parse(zone.Substring(1, 2)) * 60 + int.Parse(zone.Substring(4, 2))));
                var nanoseconds = int.Parse(match.Groups[8].Value.PadRight(9, '0'));
                var whole = new DateTimeOffset(
                    part(1), part(2), part(3), part(4), part(5), part(6), offset);
                return new Instant(whole.AddTicks(nanoseconds / 100), nanoseconds % 100);
            }
            catch (ArgumentException)
            {
                throw new Unbuildable(text + " is no instant");
            }
        }

        private static object BoolOf(string raw)
        {
            if (raw != "true" && raw != "false")
                throw new Unbuildable(raw + " is no boolean");
            return raw == "true";
        }

        private static long LongOf(string raw)
        {
            long value;
            const NumberStyles styles = NumberStyles.AllowLeadingSign;
            if (!long.TryParse(raw, styles, CultureInfo.InvariantCulture, out value))
                throw new Unbuildable(raw + " is no whole number");
            return value;
        }

        private static object WordOf(Type type, string word)
        {
            if (!Api.Parts(type.Name).ContainsKey(word))
                throw new Unbuildable(word + " is no " + type.Name);
            return Enum.Parse(type, Api.Member(type.Name, word));
        }

        private static object ListOf(Type item, Json json)
        {
            if (json.Kind != '[')
                throw new Unbuildable(json.Raw + " is no list");
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item));
            foreach (var value in json.Items)
                list.Add(Build(item, value));
            return list;
        }

        private static object MapOf(Json json)
        {
            var map = new Dictionary<string, string>();
            foreach (var entry in EntriesOf(json))
                map.Add(entry.Key, TextOf(entry.Value));
            return map;
        }

        private static object UnionOf(Type type, Json json)
        {
            var entries = EntriesOf(json);
            if (entries.Count != 1 || !Api.Parts(type.Name).ContainsKey(entries[0].Key))
                throw new Unbuildable(json.Raw + " is no " + type.Name);
            var factory = type.GetMethod("Of" + Api.Member(type.Name, entries[0].Key));
            var input = Build(factory.GetParameters()[0].ParameterType, entries[0].Value);
            return Invoked(() => factory.Invoke(null, new[] { input }));
        }

        private static object ObjectOf(Type type, Json json)
        {
            var entries = EntriesOf(json);
            var fields = Api.Parts(type.Name);
            var unknown = entries.FirstOrDefault(entry => !fields.ContainsKey(entry.Key));
            if (unknown.Key != null)
                throw new Unbuildable(type.Name + " has no " + unknown.Key);
            var made = type.GetConstructors().Single();
            var values = entries.ToDictionary(
                entry => Parameter(entry.Key), entry => entry.Value);
            var arguments = made.GetParameters().Select(parameter =>
            {
                Json value;
                if (values.TryGetValue(parameter.Name, out value))
                    return Build(parameter.ParameterType, value);
                if (!parameter.IsOptional)
                    throw new Unbuildable(type.Name + " needs " + parameter.Name);
                return null;
            }).ToArray();
            return Invoked(() => made.Invoke(arguments));
        }

        public static string Parameter(string key)
        {
            var name = Api.Pascal(key);
            return char.ToLowerInvariant(name[0]) + name.Substring(1);
        }

        private static List<KeyValuePair<string, Json>> EntriesOf(Json json)
        {
            if (json.Kind != '{')
                throw new Unbuildable(json.Raw + " is no object");
            if (json.Entries.Select(entry => entry.Key).Distinct().Count() != json.Entries.Count)
                throw new Unbuildable("a key stands twice");
            return json.Entries;
        }

        private static object Invoked(Func<object> make)
        {
            try
            {
                return make();
            }
            catch (TargetInvocationException cause)
            {
                throw cause.InnerException;
            }
        }
    }
}
