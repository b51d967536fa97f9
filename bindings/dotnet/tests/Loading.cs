using System;

namespace Kopilka.Tests
{
    /// <summary>Opens a programme and says so, or says why the native library cannot be loaded.</summary>
    internal static class Loading
    {
        private static int Main()
        {
            try
            {
                const string document = "{\"id\":\"shop\",\"currency\":\"RUB\",\"zone\":\"UTC\"}";
                using (var program = Program.Open(document))
                    Console.WriteLine("opened " + program.Describe().Id);
                return 0;
            }
            catch (DllNotFoundException missing)
            {
                Console.WriteLine(missing.Message);
                return 3;
            }
        }
    }
}
