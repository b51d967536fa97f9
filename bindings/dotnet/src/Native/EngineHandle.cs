using System;

namespace Kopilka
{
    /// <summary>
    /// Something of the engine that is opened once and asked many times. Every one may be used from any
    /// thread at once. A call that is going on when it is disposed of ends as if it were not.
    /// </summary>
    public abstract class EngineHandle : IDisposable
    {
        internal EngineHandle(NativeHandle native)
        {
            Native = native;
        }

        internal NativeHandle Native { get; }

        /// <summary>Gives it back. A second time does nothing.</summary>
        public void Dispose()
        {
            Native.Dispose();
        }

        /// <summary>Asks a verb that takes an input.</summary>
        internal TAnswer Ask<TInput, TAnswer>(
            byte[] verb, TInput input, Codec<TInput> write, Codec<TAnswer> read)
        {
            if (input == null)
                throw new ArgumentNullException("input");
            var writer = JsonWriter.Rent();
            writer.Open();
            writer.Key(verb);
            write.Write(writer, input);
            writer.Close();
            return NativeCalls.Ask(Native, writer, Reply(verb, read));
        }

        /// <summary>Asks a verb that takes nothing.</summary>
        internal TAnswer Ask<TAnswer>(byte[] verb, Codec<TAnswer> read)
        {
            var writer = JsonWriter.Rent();
            writer.Open();
            writer.Key(verb);
            writer.Open();
            writer.Close();
            writer.Close();
            return NativeCalls.Ask(Native, writer, Reply(verb, read));
        }

        /// <summary>Asks what is a whole document by itself, without a verb around it.</summary>
        internal TAnswer AskWhole<TInput, TAnswer>(
            TInput input, Codec<TInput> write, Codec<TAnswer> read) where TInput : class
        {
            var writer = JsonWriter.Rent();
            write.Write(writer, Guard.Needed(input, "request"));
            return NativeCalls.Ask(Native, writer, read);
        }

        /// <summary>What a document opens, which is given as its text.</summary>
        internal static NativeHandle OpenText(HandleKind kind, string document)
        {
            var writer = JsonWriter.Rent();
            writer.Raw(Guard.Needed(document, "document"));
            return NativeCalls.Open(kind, writer);
        }

        /// <summary>What a document opens, which is given as an object.</summary>
        internal static NativeHandle Open<T>(HandleKind kind, T document, Codec<T> write)
            where T : class
        {
            var writer = JsonWriter.Rent();
            write.Write(writer, Guard.Needed(document, "document"));
            return NativeCalls.Open(kind, writer);
        }

        /// <summary>A reply is an object whose one key is the verb.</summary>
        private static Codec<T> Reply<T>(byte[] verb, Codec<T> read)
        {
            return new Codec<T>(
                reader =>
                {
                    reader.Open();
                    reader.Need(verb);
                    var answer = read.Read(reader);
                    reader.Close();
                    return answer;
                },
                null);
        }
    }
}
