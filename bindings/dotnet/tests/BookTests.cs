using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Serialization.Formatters.Binary;
using System.Threading;
using NUnit.Framework;

namespace Kopilka.Tests
{
    /// <summary>Sales, quotes and refunds through the typed API.</summary>
    [TestFixture]
    public sealed class BookTests
    {
        private static readonly DateTimeOffset Noon =
            new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.FromHours(3));

        private static string Preset => File.ReadAllText(Path.Combine(Api.Root, "presets/six-stores.json"));

        private static Book NewBook()
        {
            return Book.Open(new BookOptions("till-1", program: new JsonText(Preset)));
        }

        private static Answer Call(Book book, string key, Command command, DateTimeOffset? at = null)
        {
            return book.Call(new Request(at ?? Noon, command, key: key));
        }

        private static void IssueCard(Book book, decimal points)
        {
            var opening = new[] { new OpeningLot(points) };
            Call(book, "issue-1001", Command.OfIssue(new Issue(card: "1001", opening: opening)));
        }

        private static Order Cheque(decimal price, SpendMode mode = SpendMode.None)
        {
            return new Order(
                new[] { new Line("1", price) },
                cards: new[] { new PresentedCard("1001") },
                spend: new Spend(mode: mode),
                store: "almaz");
        }

        [Test]
        public void ASaleSpendsPointsAndARefundGivesThemBack()
        {
            using (var book = NewBook())
            {
                IssueCard(book, 100m);
                var order = Cheque(1000.00m, SpendMode.Max);
                var sale = Call(book, "sale-1", Command.OfSell(new SellOrder(order))).Sale;
                Assert.AreEqual(SaleStatus.Confirmed, sale.Status);
                Assert.Greater(sale.Quote.Points.Sum(points => points.Spent), 0m);
                var refund = Call(book, "refund-1", Command.OfRefund(new Refund(token: sale.Token)));
                Assert.AreEqual(AnswerKind.Refund, refund.Kind);
                Assert.IsNull(refund.Sale);
                Assert.AreEqual(3, book.Tip().Sequence);
                Assert.AreEqual(3, book.Records(new BookRecords()).Records.Count);
            }
        }

        [Test]
        public void APreparedOrderIsQuotedManyTimesAndOutlivesItsProgramme()
        {
            using (var book = NewBook())
            {
                IssueCard(book, 100m);
                PreparedOrder order;
                using (var program = Program.Open(Preset))
                    order = program.Prepare(Cheque(1000.00m, SpendMode.Max));
                using (order)
                {
                    var first = book.Quote(order, new QuoteCall(Noon));
                    var second = book.Quote(order, new QuoteCall(Noon));
                    Assert.AreEqual(first.QuoteId, second.QuoteId);
                    Assert.AreEqual("RUB", first.Currency);
                }
            }
        }

        [Test]
        public void TheSameKeyIsAnsweredTheSameAndHappensOnce()
        {
            using (var book = NewBook())
            {
                IssueCard(book, 100m);
                var command = Command.OfSell(new SellOrder(Cheque(10.50m)));
                var first = Written.Canonical(Call(book, "sale-1", command));
                Assert.AreEqual(first, Written.Canonical(Call(book, "sale-1", command)));
                Assert.AreEqual(2, book.Tip().Sequence);
            }
        }

        [Test]
        public void AMistakeHasCodeNumberPathAndHelpInBothLanguages()
        {
            using (var book = NewBook())
            {
                var order = new Order(new Line[0]);
                var error = Assert.Throws<KopilkaException>(
                    () => Call(book, "sale-1", Command.OfSell(new SellOrder(order))));
                Assert.AreEqual(ErrorCodes.OrderStoreUnknown, error.Code);
                Assert.AreEqual(309, error.Number);
                StringAssert.Contains("store", error.Path);
                Assert.AreNotEqual(error.HelpIn(Language.Ru), error.HelpIn(Language.En));
                Assert.AreEqual(2, error.Mistakes.Count);
            }
        }

        [Test]
        public void ADocumentTellsAllItsMistakes()
        {
            var error = Assert.Throws<KopilkaException>(
                () => Program.Open("{\"id\":\"a\",\"colour\":1,\"currency\":\"RUB\"}"));
            var codes = error.Mistakes.Select(mistake => mistake.Code).ToList();
            CollectionAssert.Contains(codes, ErrorCodes.DocumentKeyUnknown);
            CollectionAssert.Contains(codes, ErrorCodes.DocumentKeyMissing);
        }

        [Test]
        public void ADisposedHandleIsRefusedAndASecondDisposalDoesNothing()
        {
            var book = NewBook();
            book.Dispose();
            book.Dispose();
            Assert.Throws<ObjectDisposedException>(() => book.Tip());
        }

        [Test]
        public void ACallThatBeginsAfterTheDisposalIsRefusedHoweverManyGoOn()
        {
            var book = NewBook();
            var refused = 0;
            var threads = Enumerable.Range(0, 4).Select(number => new Thread(() =>
            {
                try
                {
                    while (true)
                        book.Tip();
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Increment(ref refused);
                }
            }) { IsBackground = true }).ToList();
            threads.ForEach(thread => thread.Start());
            Thread.Sleep(50);
            book.Dispose();
            Assert.Throws<ObjectDisposedException>(() => book.Tip());
            Assert.IsTrue(threads.All(thread => thread.Join(TimeSpan.FromSeconds(30))));
            Assert.AreEqual(4, refused);
        }

        [Test]
        public void WhatADecimalDoesNotShowChangesNothing()
        {
            using (var book = NewBook())
            {
                IssueCard(book, 100m);
                var shown = new[] { 1000m, 1000.0000000000000000000000000m };
                for (var sale = 0; sale < shown.Length; sale++)
                {
                    var order = new Order(
                        new[] { new Line("1", shown[sale]), new Line("2", -0.00m) }, store: "almaz");
                    var sold = Call(book, "sale-" + sale, Command.OfSell(new SellOrder(order)));
                    Assert.AreEqual(1000m, sold.Sale.Quote.Totals.Payable);
                }
            }
        }

        [Test]
        public void AMistakeCrossesToAnotherAppDomain()
        {
            var error = Assert.Throws<KopilkaException>(() => Program.Open("{}"));
            using (var stream = new MemoryStream())
            {
                var formatter = new BinaryFormatter();
                formatter.Serialize(stream, error);
                stream.Position = 0;
                var read = (KopilkaException)formatter.Deserialize(stream);
                Assert.AreEqual(error.Message, read.Message);
                Assert.AreEqual(error.Mistakes.Count, read.Mistakes.Count);
                Assert.AreEqual(error.HelpIn(Language.Ru), read.HelpIn(Language.Ru));
            }
        }

        [Test]
        public void WhatIsNullIsNamed()
        {
            using (var book = NewBook())
            {
                var order = Assert.Throws<ArgumentNullException>(() => book.Quote(null, new QuoteCall(Noon)));
                Assert.AreEqual("order", order.ParamName);
            }
            var options = Assert.Throws<ArgumentNullException>(() => Book.Open(null));
            Assert.AreEqual("options", options.ParamName);
            var policy = Assert.Throws<ArgumentNullException>(() => Desk.Open((string)null));
            Assert.AreEqual("policy", policy.ParamName);
        }

        [Test]
        public void EightThreadsUseOneBook()
        {
            using (var book = NewBook())
            {
                IssueCard(book, 1000m);
                var errors = new List<Exception>();
                var threads = Enumerable.Range(0, 8).Select(number => new Thread(() =>
                {
                    try
                    {
                        for (var sale = 0; sale < 25; sale++)
                        {
                            var command = Command.OfSell(new SellOrder(Cheque(10m, SpendMode.Max)));
                            var answer = Call(book, number + "-" + sale, command).Sale;
                            Assert.AreEqual(SaleStatus.Confirmed, answer.Status);
                        }
                    }
                    catch (Exception cause)
                    {
                        lock (errors)
                            errors.Add(cause);
                    }
                })).ToList();
                threads.ForEach(thread => thread.Start());
                threads.ForEach(thread => thread.Join());
                CollectionAssert.IsEmpty(errors);
                Assert.AreEqual(201, book.Tip().Sequence);
            }
        }
    }
}
