using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Kopilka;

namespace KopilkaPlugin
{
    /// <summary>
    /// A day of the plugin at the simulated host: <c>Plugin.exe PROGRAMME FOLDER</c>. It fails if any
    /// balance is not what it must be.
    /// </summary>
    internal static class Plugin
    {
        private const string Card = "2990000000019";
        private const string Swiped = ";2990000000019?";

        private static DateTimeOffset now =
            new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.FromHours(3));

        private static int Main(string[] arguments)
        {
            Console.OutputEncoding = new System.Text.UTF8Encoding(false);
            var document = File.ReadAllText(arguments[0]);
            var path = Path.Combine(arguments[1], "касса [1].ledger");
            var order = Begin(path, document);
            Restarted(path, document, order);
            return 0;
        }

        /// <summary>Until the till is switched off with an order paid and not closed.</summary>
        private static HostOrder Begin(string path, string document)
        {
            using (var processor = NewProcessor(path, document))
            {
                Install(processor, document);
                var host = new Host(processor);
                Sold(processor, host);
                PrinterFails(processor, host);
                EarnOnly(processor, host);
                TwoAtOnce(processor);
                var order = Lunch(5);
                host.AddPayment(order, Swiped, 40m);
                processor.Pay(order.Payments[0].Sum, order, order.Payments[0]);
                Say("the till is switched off in mid-payment", processor);
                return order;
            }
        }

        private static void Sold(PaymentProcessor processor, Host host)
        {
            var order = Lunch(1);
            var payment = host.AddPayment(order, Swiped, 100m);
            Check(payment.Sum == 100m, "100 of 1000 can be paid");
            Check(host.PayAndClose(order), "the order is closed");
            Check(processor.BalanceOf(Card) == 250m, "350 less 100");
            Say("a lunch is sold, 100 points spent", processor);
            host.Storno(order);
            Check(processor.BalanceOf(Card) == 350m, "all came back");
            Say("the lunch is taken back", processor);
        }

        private static void PrinterFails(PaymentProcessor processor, Host host)
        {
            var order = Lunch(2);
            host.AddPayment(order, Swiped, 5000m);
            Check(order.Payments[0].Sum == 200m, "what is wished is cut to 20 % of the order");
            host.PrinterWorks = false;
            Check(!host.PayAndClose(order), "the printer failed");
            host.PrinterWorks = true;
            Check(processor.BalanceOf(Card) == 350m, "nothing is held any more");
            Say("the printer failed, nothing was spent", processor);
        }

        private static void EarnOnly(PaymentProcessor processor, Host host)
        {
            var before = processor.Ledger.Heads().Heads.Count;
            var order = Lunch(3);
            order.AttachedCard = Card;
            Check(host.PayAndClose(order), "the order is closed");
            Check(before == 1 && processor.BalanceOf(Card) == 350m, "earned points wait for tomorrow");
            Say("an order without bonuses is closed and earns", processor);
        }

        /// <summary>Two cashiers have an order open at the same time.</summary>
        private static void TwoAtOnce(PaymentProcessor processor)
        {
            var quotes = new Quote[2];
            var threads = Enumerable.Range(0, 2).Select(place => new Thread(() =>
            {
                for (var turn = 0; turn < 50; turn++)
                    quotes[place] = processor.Quoted(Lunch(10 + place), Card, new Spend(SpendMode.Max));
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            Check(quotes.All(quote => quote.Totals.Due == 800m), "each sees all the points");
            Say("two quotes in flight, neither holds anything", processor);
        }

        /// <summary>The plugin's process begins anew. The host asks again with the same transaction.</summary>
        private static void Restarted(string path, string document, HostOrder order)
        {
            using (var processor = NewProcessor(path, document))
            {
                Check(processor.Ledger.Health(new LedgerAt(now)).OpenHolds == 1, "one payment is open");
                Check(processor.BalanceOf(Card) == 310m, "40 are still held");
                var host = new Host(processor);
                Check(host.Close(order), "the order is closed");
                host.Close(order);
                Check(processor.BalanceOf(Card) == 310m, "closed twice, spent once");
                Check(processor.Ledger.Health(new LedgerAt(now)).OpenHolds == 0, "nothing is open");
                Say("after the restart the payment is completed", processor);
            }
        }

        private static PaymentProcessor NewProcessor(string path, string document)
        {
            return new PaymentProcessor(path, document, "almaz", () => now = now.AddSeconds(1));
        }

        private static void Install(PaymentProcessor processor, string document)
        {
            Func<string, Command, Answer> call = (key, command) =>
                processor.Ledger.Call(new Request(now, command, key: key));
            var install = ChangeProgram.OfInstall(new InstallProgram(new JsonText(document)));
            var installed = call("install-1", Command.OfProgram(install)).Program;
            var activate = ChangeProgram.OfActivate(new ActivateProgram(installed.Version));
            call("activate-1", Command.OfProgram(activate));
            var issue = new Issue(card: Card, opening: new[] { new OpeningLot(350m) });
            call("issue-1", Command.OfIssue(issue));
        }

        private static HostOrder Lunch(int number)
        {
            return new HostOrder(
                number, new HostItem("1", "Борщ", 400m), new HostItem("2", "Котлета", 300m, 2m));
        }

        private static void Say(string what, PaymentProcessor processor)
        {
            Console.WriteLine("{0}: {1} points", what, processor.BalanceOf(Card));
        }

        private static void Check(bool holds, string what)
        {
            if (!holds)
                throw new InvalidOperationException("it does not hold that " + what);
        }
    }
}
