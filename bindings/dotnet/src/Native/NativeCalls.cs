using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace Kopilka
{
    /// <summary>Calls of the native library, with its texts and errors as objects.</summary>
    internal static unsafe class NativeCalls
    {
        private const uint Russian = 0;
        private const uint English = 1;

        /// <summary>A buffer for answers that nobody uses now.</summary>
        private static byte[] spare;

        /// <summary>Opens a handle with what was written; the writer is given back.</summary>
        internal static NativeHandle Open(HandleKind kind, JsonWriter document)
        {
            NativeLibraryFile.Load();
            return OpenLoaded(kind, document);
        }

        /// <summary>
        /// By itself, because Mono looks functions up when it compiles what calls them: the library must
        /// be loaded before that.
        /// </summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static NativeHandle OpenLoaded(HandleKind kind, JsonWriter document)
        {
            KopilkaHandle* opened = null;
            KopilkaError* error = null;
            fixed (byte* bytes = document.Buffer)
            {
                var length = (ulong)document.Length;
                switch (kind)
                {
                    case HandleKind.Program:
                        NativeMethods.kopilka_program_open(bytes, length, &opened, &error);
                        break;
                    case HandleKind.Book:
                        NativeMethods.kopilka_book_open(bytes, length, &opened, &error);
                        break;
                    case HandleKind.Ledger:
                        NativeMethods.kopilka_ledger_open(bytes, length, &opened, &error);
                        break;
                    case HandleKind.Desk:
                        NativeMethods.kopilka_desk_open(bytes, length, &opened, &error);
                        break;
                    case HandleKind.Watch:
                        NativeMethods.kopilka_watch_open(bytes, length, &opened, &error);
                        break;
                    default:
                        throw new ArgumentOutOfRangeException("kind");
                }
            }
            return Opened(kind, document, opened, error);
        }

        /// <summary>Checks an order against a programme.</summary>
        internal static NativeHandle OpenOrder(NativeHandle program, JsonWriter order)
        {
            KopilkaHandle* opened = null;
            KopilkaError* error = null;
            var held = false;
            try
            {
                program.DangerousAddRef(ref held);
                fixed (byte* bytes = order.Buffer)
                {
                    NativeMethods.kopilka_order_open(
                        program.Pointer, bytes, (ulong)order.Length, &opened, &error);
                }
            }
            finally
            {
                if (held)
                    program.DangerousRelease();
            }
            return Opened(HandleKind.Order, order, opened, error);
        }

        /// <summary>Asks a handle what was written; the writer is given back.</summary>
        internal static T Ask<T>(NativeHandle handle, JsonWriter request, Codec<T> read)
        {
            KopilkaText* answer = null;
            KopilkaError* error = null;
            var held = false;
            try
            {
                handle.DangerousAddRef(ref held);
                fixed (byte* bytes = request.Buffer)
                {
                    NativeMethods.kopilka_call(
                        handle.Pointer, bytes, (ulong)request.Length, &answer, &error);
                }
            }
            finally
            {
                if (held)
                    handle.DangerousRelease();
            }
            return Answered(request, answer, error, read);
        }

        /// <summary>Quotes an order at a book or ledger; the writer is given back.</summary>
        internal static T Quote<T>(
            NativeHandle place, NativeHandle order, JsonWriter request, Codec<T> read)
        {
            KopilkaText* answer = null;
            KopilkaError* error = null;
            var heldPlace = false;
            var heldOrder = false;
            try
            {
                place.DangerousAddRef(ref heldPlace);
                order.DangerousAddRef(ref heldOrder);
                fixed (byte* bytes = request.Buffer)
                {
                    NativeMethods.kopilka_quote(
                        place.Pointer, order.Pointer, bytes, (ulong)request.Length, &answer, &error);
                }
            }
            finally
            {
                if (heldOrder)
                    order.DangerousRelease();
                if (heldPlace)
                    place.DangerousRelease();
            }
            return Answered(request, answer, error, read);
        }

        private static NativeHandle Opened(
            HandleKind kind, JsonWriter document, KopilkaHandle* opened, KopilkaError* error)
        {
            JsonWriter.Return(document);
            if (error != null)
                throw Failed(error);
            return new NativeHandle(kind, opened);
        }

        private static T Answered<T>(
            JsonWriter request, KopilkaText* answer, KopilkaError* error, Codec<T> read)
        {
            JsonWriter.Return(request);
            if (error != null)
                throw Failed(error);
            var buffer = Interlocked.Exchange(ref spare, null);
            try
            {
                ulong length = 0;
                var data = NativeMethods.kopilka_text_data(answer, &length);
                var size = checked((int)length);
                if (buffer == null || buffer.Length < size)
                    buffer = new byte[Math.Max(size, 16 * 1024)];
                Marshal.Copy((IntPtr)data, buffer, 0, size);
                return JsonReader.Whole(buffer, size, read);
            }
            finally
            {
                NativeMethods.kopilka_text_free(answer);
                // A very large buffer is not kept for ever.
                if (buffer != null && buffer.Length <= 1 << 20)
                    spare = buffer;
            }
        }

        private static KopilkaException Failed(KopilkaError* error)
        {
            try
            {
                var mistakes = new Mistake[Math.Max(1, NativeMethods.kopilka_error_count(error))];
                for (uint place = 0; place < mistakes.Length; place++)
                    mistakes[place] = MistakeOf(error, place);
                return KopilkaException.Of(Array.AsReadOnly(mistakes));
            }
            finally
            {
                NativeMethods.kopilka_error_free(error);
            }
        }

        private static Mistake MistakeOf(KopilkaError* error, uint place)
        {
            ulong length = 0;
            var code = Text(NativeMethods.kopilka_error_code(error, place, &length), length);
            var path = Text(NativeMethods.kopilka_error_path(error, place, &length), length);
            var message = Text(NativeMethods.kopilka_error_message(error, place, &length), length);
            var russian =
                Text(NativeMethods.kopilka_error_help(error, place, Russian, &length), length);
            var english =
                Text(NativeMethods.kopilka_error_help(error, place, English, &length), length);
            var number = NativeMethods.kopilka_error_number(error, place);
            return new Mistake(code, number, path, message, russian, english);
        }

        private static string Text(byte* data, ulong length)
        {
            return data == null ? "" : Encoding.UTF8.GetString(data, checked((int)length));
        }
    }
}
