using System;
using System.Collections.Generic;

namespace Kopilka
{
    /// <summary>What callers hand to constructors: checked, and copied where it could change.</summary>
    internal static class Guard
    {
        internal static readonly IReadOnlyDictionary<string, string> NoMap =
            new Dictionary<string, string>();

        internal static T Needed<T>(T value, string name) where T : class
        {
            if (value == null)
                throw new ArgumentNullException(name);
            return value;
        }

        internal static IReadOnlyList<T> None<T>()
        {
            return Empty<T>.List;
        }

        /// <summary>A copy that nobody can change; null stays null.</summary>
        internal static IReadOnlyList<T> List<T>(IReadOnlyList<T> list, string name)
        {
            if (list == null)
                return null;
            var copy = new T[list.Count];
            for (var place = 0; place < copy.Length; place++)
            {
                copy[place] = list[place];
                if (copy[place] == null)
                    throw new ArgumentNullException(name, "An item of the list is null.");
            }
            return Array.AsReadOnly(copy);
        }

        /// <summary>A copy that nobody can change; null stays null.</summary>
        internal static IReadOnlyDictionary<string, string> Map(
            IReadOnlyDictionary<string, string> map, string name)
        {
            if (map == null)
                return null;
            var copy = new Dictionary<string, string>(map.Count);
            foreach (var entry in map)
            {
                if (entry.Value == null)
                    throw new ArgumentNullException(name, "A value of the map is null.");
                copy.Add(entry.Key, entry.Value);
            }
            return new System.Collections.ObjectModel.ReadOnlyDictionary<string, string>(copy);
        }

        private static class Empty<T>
        {
            internal static readonly IReadOnlyList<T> List = Array.AsReadOnly(new T[0]);
        }
    }
}
