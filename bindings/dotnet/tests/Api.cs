using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Kopilka.Tests
{
    /// <summary>What crosses, as core/schema/api.json says it, and how names are cased here.</summary>
    internal static class Api
    {
        private static readonly Dictionary<string, string> Exceptions = ReadExceptions();

        /// <summary>The folder of the project.</summary>
        public static string Root
        {
            get
            {
                var root = Environment.GetEnvironmentVariable("KOPILKA_ROOT");
                if (string.IsNullOrEmpty(root))
                    throw new InvalidOperationException("KOPILKA_ROOT must name the project's folder");
                return root;
            }
        }

        public static Json Types { get; } = Whole()["types"];

        public static Json Handles { get; } = Whole()["handles"];

        /// <summary>The parts of a type: fields, words or variants, by their names.</summary>
        public static Dictionary<string, Json> Parts(string type)
        {
            Dictionary<string, Json> parts;
            if (Known.TryGetValue(type, out parts))
                return parts;
            var described = Types[type];
            var key = new[] { "fields", "words", "variants" }.Single(described.Has);
            var name = key == "words" ? "word" : "name";
            parts = described[key].Items.ToDictionary(part => part[name].Text);
            Known.Add(type, parts);
            return parts;
        }

        public static string Kind(string type)
        {
            return Types[type]["kind"].Text;
        }

        /// <summary>The name of a field, word, variant or verb.</summary>
        public static string Member(string type, string key)
        {
            string name;
            if (Exceptions.TryGetValue(type + "\t" + key, out name))
                return name;
            return Pascal(key);
        }

        /// <summary>`close_period` as `ClosePeriod`.</summary>
        public static string Pascal(string key)
        {
            var name = new StringBuilder();
            var begins = true;
            foreach (var sign in key)
            {
                if (!char.IsLetterOrDigit(sign))
                {
                    begins = true;
                    continue;
                }
                name.Append(begins ? char.ToUpperInvariant(sign) : sign);
                begins = false;
            }
            return char.IsDigit(name[0]) ? "N" + name : name.ToString();
        }

        private static readonly Dictionary<string, Dictionary<string, Json>> Known =
            new Dictionary<string, Dictionary<string, Json>>();

        private static Json Whole()
        {
            return Json.Parse(File.ReadAllText(Path.Combine(Root, "core/schema/api.json")));
        }

        private static Dictionary<string, string> ReadExceptions()
        {
            var lines = File.ReadAllLines(Path.Combine(Root, "bindings/dotnet/exceptions.tsv"));
            return lines.Where(line => !line.StartsWith("#")).Select(line => line.Split('\t'))
                .ToDictionary(columns => columns[0] + "\t" + columns[1], columns => columns[2]);
        }
    }
}
