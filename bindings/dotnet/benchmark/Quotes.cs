using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Kopilka.Tests
{
    /// <summary>
    /// What a quote of ten lines costs in C#, typed both ways: `Quotes.exe FOLDER`, where `door-world`
    /// wrote what the benchmark in Rust asks.
    /// </summary>
    internal static class Quotes
    {
        private const int Samples = 30;
        private const int CallsOfSample = 2000;

        private static readonly Instant Now =
            new Instant(new DateTimeOffset(2025, 10, 24, 14, 30, 0, TimeSpan.FromHours(3)));

        private static int Main(string[] arguments)
        {
            var folder = arguments[0];
            using (var book = Book.Open(Built<BookOptions>(folder, "book.json")))
            using (var program = Program.Open(File.ReadAllText(Path.Combine(folder, "program.json"))))
            {
                book.Call(Built<Request>(folder, "issue-1.json"));
                book.Call(Built<Request>(folder, "issue-2.json"));
                var order = Built<Order>(folder, "order.json");
                // A quote that differs from Rust's is not the same work.
                Expect(File.ReadAllText(Path.Combine(folder, "order.json")), Written.Canonical(TenLines()));
                var call = new QuoteCall(Now);
                using (var prepared = program.Prepare(order))
                {
                    Expect(
                        File.ReadAllText(Path.Combine(folder, "quote.json")),
                        Written.Canonical(book.Quote(prepared, call)));
                    Measure("a prepared order", () => book.Quote(prepared, call));
                }
                Measure("an order of ten lines", () => book.Call(Asking(order)));
                Measure("the same, its objects made anew", () => book.Call(Asking(TenLines())));
            }
            return 0;
        }

        private static Request Asking(Order order)
        {
            return new Request(Now, Command.OfQuote(new QuoteOrder(order)));
        }

        /// <summary>The order that the benchmarks in Rust make.</summary>
        private static Order TenLines()
        {
            var lines = new Line[10];
            for (var n = 0; n < lines.Length; n++)
            {
                lines[n] = new Line(
                    (n + 1).ToString(),
                    new decimal(5000 + n * 3719 % 70000) / 100,
                    category: n == 3 ? "tobacco" : n == 5 ? "vodka" : "c" + n % 7,
                    quantity: 1 + n % 3,
                    sku: "s" + n,
                    tags: new[] { "t" + n % 7 });
            }
            return new Order(
                lines,
                cards: new[] { new PresentedCard("5001"), new PresentedCard("1001") },
                channel: "counter",
                spend: new Spend(SpendMode.Max),
                store: "almaz");
        }

        private static void Measure(string what, Action ask)
        {
            // What is compiled on the way is no cost of a call.
            for (var call = 0; call < CallsOfSample; call++)
                ask();
            var taken = new List<double>();
            for (var sample = 0; sample < Samples; sample++)
            {
                var watch = Stopwatch.StartNew();
                for (var call = 0; call < CallsOfSample; call++)
                    ask();
                taken.Add(watch.Elapsed.TotalMilliseconds * 1000 / CallsOfSample);
            }
            taken.Sort();
            var median = (taken[Samples / 2 - 1] + taken[Samples / 2]) / 2;
            Console.WriteLine(
                "{0}: {1:0.0} µs ({2:0.0}-{3:0.0} of nine tenths), {4:0} calls a second, {5} bytes allocated",
                what, median, taken[Samples / 20], taken[Samples - 1 - Samples / 20], 1000000 / median,
                Allocated(ask));
        }

        /// <summary>Bytes of a call, as far as the runtime tells them.</summary>
        private static string Allocated(Action ask)
        {
            var counter = typeof(GC).GetMethod(
                "GetAllocatedBytesForCurrentThread", BindingFlags.Public | BindingFlags.Static);
            if (counter == null)
                return "unknown";
            var count = (Func<long>)Delegate.CreateDelegate(typeof(Func<long>), counter);
            var before = count();
            for (var call = 0; call < CallsOfSample; call++)
                ask();
            return ((count() - before) / CallsOfSample).ToString();
        }

        private static T Built<T>(string folder, string name)
        {
            var json = Json.Parse(File.ReadAllText(Path.Combine(folder, name)));
            return (T)Builder.Build(typeof(T), json);
        }

        private static void Expect(string expected, string found)
        {
            if (found != expected)
                throw new InvalidOperationException("expected " + expected + "\nfound    " + found);
        }
    }
}
