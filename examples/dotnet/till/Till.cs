using System;
using System.IO;
using System.Linq;
using Kopilka;

/// <summary>
/// A till in C#: one guest with a magnetic card, one receipt, one line that comes back.
/// <c>Till.exe PROGRAMME FOLDER</c>. It wants a new folder each time.
/// </summary>
internal static class Till
{
    private static readonly TimeSpan Moscow = TimeSpan.FromHours(3);

    private static int Main(string[] arguments)
    {
        Console.OutputEncoding = new System.Text.UTF8Encoding(false);
        if (arguments.Length != 2)
        {
            Console.Error.WriteLine("usage: Till.exe PROGRAMME FOLDER");
            return 2;
        }
        try
        {
            Day(File.ReadAllText(arguments[0]), Path.Combine(arguments[1], "касса 1.ledger"));
            return 0;
        }
        catch (KopilkaException refused)
        {
            // The cashier reads the help, the log gets the rest.
            Console.Error.WriteLine(refused.HelpIn(Language.Ru) + " (" + refused.Number + ")");
            Console.Error.WriteLine(refused.Message);
            return 1;
        }
    }

    private static void Day(string document, string path)
    {
        using (var ledger = Ledger.Open(new LedgerOptions("till-1", path: path)))
        using (var program = Kopilka.Program.Open(document))
        {
            Install(ledger, document);
            var card = Swipe(ledger);
            var agreed = Cheque(card, new Spend(SpendMode.Exact, 77m));
            var sale = Pay(ledger, program, card, agreed);
            Print(program.Slip(new SaleSlip(sale, agreed)));
            Print(program.RefundSlip(new RefundSlip(Return(ledger, sale.Token), agreed)));
        }
    }

    /// <summary>The programme is put into force once; the key makes a second time the same as the first.</summary>
    private static void Install(Ledger ledger, string document)
    {
        var install = ChangeProgram.OfInstall(new InstallProgram(new JsonText(document)));
        var installed = Call(ledger, At(9, 0), "install-1", Command.OfProgram(install)).Program;
        var activate = ChangeProgram.OfActivate(new ActivateProgram(installed.Version));
        Call(ledger, At(9, 0), "activate-1", Command.OfProgram(activate));
        var issue = new Issue(card: "2990000000019", opening: new[] { new OpeningLot(350m) });
        Call(ledger, At(9, 5), "issue-1", Command.OfIssue(issue));
    }

    /// <summary>The card is swiped: what the reader gave goes to the engine as it came.</summary>
    private static string Swipe(Ledger ledger)
    {
        var scan = Command.OfIdentify(new Identify(";2990000000019?"));
        var found = ledger.Call(new Request(At(12, 0), scan)).Identified;
        Console.WriteLine("Считано: {0} {1}", found.What, found.Number);
        return found.Number;
    }

    /// <summary>Two things on the counter. Money is decimal, never double.</summary>
    private static Order Cheque(string card, Spend spend)
    {
        return new Order(
            new[]
            {
                new Line("1", 899.00m, name: "Кофе в зёрнах, 500 г"),
                new Line("2", 475.00m, name: "Кружка", quantity: 2m),
            },
            cards: new[] { new PresentedCard(card) },
            paidAt: At(12, 2),
            receipt: "2-0117",
            spend: spend,
            store: "almaz");
    }

    /// <summary>The guest hears what can be spent and says how much: it is held, then paid.</summary>
    private static SaleAnswer Pay(Ledger ledger, Kopilka.Program program, string card, Order agreed)
    {
        // While the receipt is open it is quoted again and again: the order is checked once.
        using (var open = program.Prepare(Cheque(card, new Spend())))
        {
            var most = ledger.Quote(open, new QuoteCall(At(12, 0))).Spendable;
            Console.WriteLine("Можно списать: {0}", most.Maximum);
        }
        Console.WriteLine("Гость хочет списать 77");
        string id;
        using (var order = program.Prepare(agreed))
            id = ledger.Quote(order, new QuoteCall(At(12, 0))).QuoteId;
        // With `expect` nothing happens if anything changed since the guest agreed.
        var reserve = Command.OfReserve(new ReserveOrder(agreed, expect: id));
        var held = Call(ledger, At(12, 1), "pay-2-0117", reserve).Sale;
        // Here the rest is paid. The token is all that the plugin has to remember.
        var confirm = new Confirm(held.Token, receipt: "2-0117", store: "almaz");
        return Call(ledger, At(12, 2), "confirm-2-0117", Command.OfConfirm(confirm)).Sale;
    }

    /// <summary>One of two mugs comes back, with its share of the points.</summary>
    private static RefundAnswer Return(Ledger ledger, string token)
    {
        var mug = new[] { new RefundLine("2", 1m) };
        var refund = new Refund(lines: mug, receipt: "2-0150", store: "almaz", token: token);
        return Call(ledger, At(17, 45), "back-2-0150", Command.OfRefund(refund)).Refund;
    }

    private static Answer Call(Ledger ledger, DateTimeOffset at, string key, Command command)
    {
        return ledger.Call(new Request(at, command, key: key));
    }

    private static DateTimeOffset At(int hour, int minute)
    {
        return new DateTimeOffset(2026, 3, 2, hour, minute, 0, Moscow);
    }

    private static void Print(TextLines slip)
    {
        foreach (var line in slip.Lines)
            Console.WriteLine(line);
    }
}
