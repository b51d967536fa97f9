using System;
using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace Kopilka
{
    /// <summary>The kinds of handles, each with its own way of being freed.</summary>
    internal enum HandleKind
    {
        Program = 1,
        Order = 2,
        Book = 3,
        Ledger = 4,
        Desk = 5,
        Watch = 6,
    }

    /// <summary>A handle of the native library, freed once and not while a call uses it.</summary>
    internal sealed unsafe class NativeHandle : SafeHandle
    {
        private readonly HandleKind kind;

        internal NativeHandle(HandleKind kind, KopilkaHandle* pointer) : base(IntPtr.Zero, true)
        {
            this.kind = kind;
            SetHandle((IntPtr)pointer);
        }

        public override bool IsInvalid => handle == IntPtr.Zero;

        /// <summary>The pointer, for as long as the caller holds a reference.</summary>
        internal KopilkaHandle* Pointer => (KopilkaHandle*)handle;

        [ReliabilityContract(Consistency.WillNotCorruptState, Cer.Success)]
        protected override bool ReleaseHandle()
        {
            switch (kind)
            {
                case HandleKind.Program:
                    return NativeMethods.kopilka_program_free(Pointer) == 0;
                case HandleKind.Order:
                    return NativeMethods.kopilka_order_free(Pointer) == 0;
                case HandleKind.Book:
                    return NativeMethods.kopilka_book_free(Pointer) == 0;
                case HandleKind.Ledger:
                    return NativeMethods.kopilka_ledger_free(Pointer) == 0;
                case HandleKind.Desk:
                    return NativeMethods.kopilka_desk_free(Pointer) == 0;
                default:
                    return NativeMethods.kopilka_watch_free(Pointer) == 0;
            }
        }
    }
}
