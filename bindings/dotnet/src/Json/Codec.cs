using System;
using System.Collections.Generic;
using System.Text;

namespace Kopilka
{
    /// <summary>How values of a type are read and written.</summary>
    internal sealed class Codec<T>
    {
        internal Codec(Func<JsonReader, T> read, Action<JsonWriter, T> write)
        {
            Read = read;
            Write = write;
        }

        internal Func<JsonReader, T> Read { get; }

        internal Action<JsonWriter, T> Write { get; }
    }

    /// <summary>The codecs of plain values, and the bytes of words and keys.</summary>
    internal static class Codecs
    {
        internal static readonly Codec<string> Text =
            new Codec<string>(reader => reader.Text(), (writer, value) => writer.Text(value));

        internal static readonly Codec<decimal> Decimal =
            new Codec<decimal>(reader => reader.Decimal(), (writer, value) => writer.Decimal(value));

        internal static readonly Codec<Instant> Instant = new Codec<Instant>(
            reader => reader.Instant(), (writer, value) => writer.Instant(value));

        internal static readonly Codec<int> Int =
            new Codec<int>(reader => reader.Int(), (writer, value) => writer.Int(value));

        internal static readonly Codec<long> Long =
            new Codec<long>(reader => reader.Long(), (writer, value) => writer.Long(value));

        internal static readonly Codec<bool> Bool =
            new Codec<bool>(reader => reader.Bool(), (writer, value) => writer.Bool(value));

        internal static readonly Codec<JsonText> Json =
            new Codec<JsonText>(reader => reader.Json(), (writer, value) => writer.Json(value));

        internal static readonly Codec<IReadOnlyDictionary<string, string>> TextMap =
            new Codec<IReadOnlyDictionary<string, string>>(
                reader => reader.TextMap(), (writer, value) => writer.TextMap(value));

        internal static Codec<IReadOnlyList<T>> List<T>(Codec<T> item)
        {
            return new Codec<IReadOnlyList<T>>(
                reader => reader.List(item), (writer, value) => writer.List(value, item));
        }

        internal static byte[] Key(string name)
        {
            return Encoding.ASCII.GetBytes("\"" + name + "\":");
        }

        internal static byte[][] Words(params string[] words)
        {
            return Array.ConvertAll(words, word => Encoding.ASCII.GetBytes("\"" + word + "\""));
        }
    }
}
