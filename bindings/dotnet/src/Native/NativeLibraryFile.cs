using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Kopilka
{
    /// <summary>
    /// Finds the native library beside this assembly by the system and the bitness of the process, and
    /// loads it by its full path. .NET Framework itself looks into neither <c>x86</c> nor
    /// <c>runtimes</c>.
    /// </summary>
    internal static class NativeLibraryFile
    {
        /// <summary>The name that <see cref="NativeMethods"/> imports from.</summary>
        internal const string Name = "kopilka_native";

        private static readonly object Gate = new object();
        private static bool loaded;

        /// <summary>Loads the library, if that was not done before.</summary>
        internal static void Load()
        {
            lock (Gate)
            {
                if (loaded)
                    return;
                Load(Folder());
                loaded = true;
            }
            var version = Version();
            if (version != AbiVersion)
            {
                throw new DllNotFoundException(
                    "Kopilka's native library has version " + version + " of its interface, and this "
                    + "assembly needs version " + AbiVersion + ": install both from the same package.");
            }
        }

        private const uint AbiVersion = 1;

        /// <summary>
        /// The first call of the library, by itself: Mono looks a function up when it compiles what calls
        /// it, which must not be before it was told where the file is.
        /// </summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static uint Version()
        {
            return NativeMethods.kopilka_abi_version();
        }

        /// <summary>Where this assembly was before it was copied to be run.</summary>
        private static string Folder()
        {
            var assembly = typeof(NativeLibraryFile).Assembly;
            // A shadow copy lies alone; the native library is where the assembly came from. The path
            // may hold spaces, brackets, `#` and Cyrillic, which no `file:` URL survives unescaped.
            var source = new Uri(assembly.CodeBase);
            var path = source.IsFile && source.Fragment.Length == 0 ? source.LocalPath : assembly.Location;
            if (!File.Exists(path))
                path = assembly.Location;
            return Path.GetDirectoryName(path);
        }

        private static void Load(string folder)
        {
            var tried = new List<string>();
            foreach (var place in Places(folder))
            {
                if (!File.Exists(place))
                {
                    tried.Add(place);
                    continue;
                }
                var cause = IsWindows ? OpenOnWindows(place) : OpenElsewhere(place);
                if (cause == null)
                    return;
                tried.Add(place + " (" + cause + ")");
            }
            throw new DllNotFoundException(
                "Kopilka's native library for a process of " + (8 * IntPtr.Size) + " bits was not found; "
                + "these places were tried: " + string.Join(", ", tried) + ".");
        }

        /// <summary>Where the library may be, the likeliest place first.</summary>
        private static IEnumerable<string> Places(string folder)
        {
            var bits = IntPtr.Size == 8 ? "x64" : "x86";
            var arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
            if (arm)
                bits = "arm64";
            yield return Path.Combine(folder, bits, FileName);
            foreach (var system in Systems())
            {
                var identifier = system + "-" + bits;
                yield return Path.Combine(folder, "runtimes", identifier, "native", FileName);
            }
            yield return Path.Combine(folder, FileName);
            // In the layout of a NuGet package the assembly is in `lib/netstandard2.0`.
            foreach (var system in Systems())
            {
                var identifier = system + "-" + bits;
                var package = Path.GetFullPath(Path.Combine(folder, "..", ".."));
                yield return Path.Combine(package, "runtimes", identifier, "native", FileName);
            }
        }

        private static IEnumerable<string> Systems()
        {
            if (IsWindows)
                return new[] { "win" };
            if (IsMac)
                return new[] { "osx" };
            var musl = Directory.Exists("/lib") && Directory.GetFiles("/lib", "ld-musl-*").Length > 0;
            return musl ? new[] { "linux-musl" } : new[] { "linux" };
        }

        private static string FileName =>
            IsWindows ? Name + ".dll" : IsMac ? "libkopilka.dylib" : "libkopilka.so";

        private static bool IsWindows => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

        private static bool IsMac => RuntimeInformation.IsOSPlatform(OSPlatform.OSX);

        /// <summary>
        /// A library that is loaded is found again by its name. What it depends on is looked for beside
        /// it and in the system's folders, not in the folder from which the till was started.
        /// </summary>
        private static string OpenOnWindows(string path)
        {
            const uint besideItAndDefaults = 0x00000100 | 0x00001000;
            var module = LoadLibraryEx(path, IntPtr.Zero, besideItAndDefaults);
            if (module == IntPtr.Zero)
            {
                // Windows 7 without its updates does not know these flags: the altered search path.
                module = LoadLibraryEx(path, IntPtr.Zero, 0x00000008);
            }
            if (module != IntPtr.Zero)
                return null;
            var code = Marshal.GetLastWin32Error();
            // The commonest mistake has a code of its own: a file of the other bitness.
            return code == 193 ? "it is not for this bitness" : "Windows error " + code;
        }

        private static string OpenElsewhere(string path)
        {
            try
            {
                if (Type.GetType("Mono.Runtime") != null)
                    MapInMono(path);
                else
                    ResolveInNet(path);
                Version();
                return null;
            }
            catch (Exception cause) when (IsOfLoading(cause))
            {
                return cause.Message;
            }
        }

        private static bool IsOfLoading(Exception cause)
        {
            return cause is DllNotFoundException || cause is BadImageFormatException
                || cause is EntryPointNotFoundException || cause is NotSupportedException;
        }

        /// <summary>Tells Mono which file is meant by the name.</summary>
        private static void MapInMono(string path)
        {
            mono_dllmap_insert(
                IntPtr.Zero, Terminated(Name), IntPtr.Zero, Terminated(path), IntPtr.Zero);
        }

        private static byte[] Terminated(string text)
        {
            return Encoding.UTF8.GetBytes(text + "\0");
        }

        /// <summary>
        /// Tells .NET which file is meant by the name. <c>NativeLibrary</c> is not in .NET Standard 2.0,
        /// so it is reached by its name.
        /// </summary>
        private static void ResolveInNet(string path)
        {
            const string place = "System.Runtime.InteropServices.";
            var library = Type.GetType(place + "NativeLibrary, System.Runtime.InteropServices", false);
            var resolver =
                Type.GetType(place + "DllImportResolver, System.Runtime.InteropServices", false);
            if (library == null || resolver == null)
                throw new NotSupportedException("this runtime cannot be told where a library is");
            var load = library.GetMethod("Load", new[] { typeof(string) });
            var module = (IntPtr)load.Invoke(null, new object[] { path });
            var method = typeof(Resolver).GetMethod("Resolve");
            var resolve = Delegate.CreateDelegate(resolver, new Resolver(module), method);
            library.GetMethod("SetDllImportResolver")
                .Invoke(null, new object[] { typeof(NativeLibraryFile).Assembly, resolve });
        }

        private sealed class Resolver
        {
            private readonly IntPtr module;

            internal Resolver(IntPtr module)
            {
                this.module = module;
            }

            public IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
            {
                return name == Name ? module : IntPtr.Zero;
            }
        }

        [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern IntPtr LoadLibraryEx(string path, IntPtr reserved, uint flags);

        [DllImport("__Internal")]
        private static extern void mono_dllmap_insert(
            IntPtr assembly, byte[] name, IntPtr function, byte[] target, IntPtr targetFunction);
    }
}
