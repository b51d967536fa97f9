using System;
using System.Threading;

namespace Kopilka
{
    /// <summary>
    /// Something of the engine that is opened once and asked many times. Every one may be used from any
    /// thread at once. A call that is going on when it is disposed of ends as if it were not; one that begins
    /// later throws <see cref="ObjectDisposedException"/>.
    /// </summary>
    public abstract class EngineHandle : IDisposable
    {
        private readonly NativeHandle native;
        private int disposed;

        internal EngineHandle(NativeHandle native)
        {
            this.native = native;
        }

        /// <summary>
        /// The handle, for a call that begins now. A <see cref="System.Runtime.InteropServices.SafeHandle"/>
        /// alone goes on as long as calls overlap.
        /// </summary>
        internal NativeHandle Native
        {
            get
            {
                if (Volatile.Read(ref disposed) != 0)
                    throw new ObjectDisposedException(GetType().Name);
                return native;
            }
        }

        /// <summary>
        /// Gives it back. A second time does nothing. The file of a ledger is free when the last call that was
        /// going on has ended, which may be after this returns.
        /// </summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) == 0)
                native.Dispose();
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
        internal static NativeHandle OpenText(HandleKind kind, string document, string name)
        {
            var writer = JsonWriter.Rent();
            writer.Raw(Guard.Needed(document, name));
            return NativeCalls.Open(kind, writer);
        }

        /// <summary>What a document opens, which is given as an object.</summary>
        internal static NativeHandle Open<T>(
            HandleKind kind, T document, Codec<T> write, string name)
            where T : class
        {
            var writer = JsonWriter.Rent();
            write.Write(writer, Guard.Needed(document, name));
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
