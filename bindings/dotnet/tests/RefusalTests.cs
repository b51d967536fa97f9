using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using NUnit.Framework;

namespace Kopilka.Tests
{
    /// <summary>
    /// What must be refused in every language. Float money, NaN and a boolean as a number need no test:
    /// a parameter of type <c>decimal</c> or <c>long</c> takes none of them.
    /// </summary>
    [TestFixture]
    public sealed class RefusalTests
    {
        private static readonly DateTimeOffset Noon =
            new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.FromHours(3));

        private Book book;

        [SetUp]
        public void Open()
        {
            const string program = "{\"id\":\"shop\",\"currency\":\"RUB\",\"zone\":\"UTC\"}";
            book = Book.Open(new BookOptions("till-1", program: new JsonText(program)));
        }

        [TearDown]
        public void Close()
        {
            book.Dispose();
        }

        [Test]
        public void MoneyIsDecimalAndNothingElse()
        {
            foreach (var type in typeof(Book).Assembly.GetExportedTypes())
            {
                var kinds = type.GetProperties().Select(property => property.PropertyType);
                CollectionAssert.DoesNotContain(kinds, typeof(double), type.Name);
                CollectionAssert.DoesNotContain(kinds, typeof(float), type.Name);
            }
        }

        [Test]
        public void TooManyDigitsAreRefused()
        {
            Assert.AreEqual("amount.", CodeOf(new Line("1", 0.0000000001m)).Substring(0, 7));
            Assert.AreEqual("amount.", CodeOf(new Line("1", decimal.MaxValue)).Substring(0, 7));
        }

        [Test]
        public void ANegativeQuantityIsRefused()
        {
            Assert.AreEqual(ErrorCodes.OrderQuantity, CodeOf(new Line("1", 1m, quantity: -1m)));
        }

        [Test]
        public void AWholeNumberOutsideItsBoundsIsRefused()
        {
            var call = Command.OfHistory(new History("1001", limit: -1));
            var error = Assert.Throws<KopilkaException>(() => book.Call(new Request(Noon, call)));
            Assert.AreEqual(ErrorCodes.DocumentRange, error.Code);
        }

        [Test]
        public void UnknownAndDuplicateKeysOfADocumentAreRefused()
        {
            const string begin = "{\"id\":\"shop\",\"currency\":\"RUB\",\"zone\":\"UTC\"";
            var unknown = Assert.Throws<KopilkaException>(() => Program.Open(begin + ",\"x\":1}"));
            Assert.AreEqual(ErrorCodes.DocumentKeyUnknown, unknown.Code);
            var twice = Assert.Throws<KopilkaException>(() => Program.Open(begin + ",\"id\":\"a\"}"));
            Assert.AreEqual(ErrorCodes.DocumentKeyDuplicate, twice.Code);
        }

        [Test]
        public void ATextThatIsTooLongOrHoldsControlCharactersIsRefused()
        {
            Assert.AreEqual(ErrorCodes.DocumentTextTooLong, CodeOf(new Line(new string('a', 1025), 1m)));
            Assert.AreEqual(ErrorCodes.DocumentControlCharacter, CodeOf(new Line("a\tb\u0001", 1m)));
        }

        [Test]
        public void HalfOfACharacterIsRefused()
        {
            Assert.Throws<System.Text.EncoderFallbackException>(
                () => Sell(new Order(new[] { new Line("\ud83d", 1m) })));
            // Nothing of it stays for the next call.
            Assert.AreEqual(0, book.Tip().Sequence);
        }

        [Test]
        public void ADocumentThatIsTooDeepIsRefused()
        {
            var deep = new string('[', 101) + new string(']', 101);
            Assert.Throws<FormatException>(() => new JsonText("[" + deep + "]"));
            var error = Assert.Throws<KopilkaException>(() => Program.Open(deep));
            Assert.AreEqual(ErrorCodes.DocumentTooDeep, error.Code);
        }

        [Test]
        public void AListThatIsTooLongIsRefused()
        {
            var lines = Enumerable.Range(0, 10001).Select(number => new Line("" + number, 1m));
            var order = new Order(lines.ToList());
            var error = Assert.Throws<KopilkaException>(() => Sell(order));
            Assert.AreEqual(ErrorCodes.DocumentListTooLong, error.Code);
        }

        [Test]
        public void WhatIsNoJsonCannotStandInADocument()
        {
            foreach (var wrong in new[] { "", "{", "{\"a\":1,}", "01", "1.", "nul", "\"\u0001\"", "1 2" })
                Assert.Throws<FormatException>(() => new JsonText(wrong), wrong);
            foreach (var right in new[] { "{}", " [1, -2.5e+3, \"\\u00e9\", null] ", "true" })
                Assert.AreEqual(right, new JsonText(right).ToString());
        }

        [Test]
        public void NullIsRefusedWhereSomethingIsNeeded()
        {
            Assert.Throws<ArgumentNullException>(() => new Line(null, 1m));
            Assert.Throws<ArgumentNullException>(() => new Order(null));
            Assert.Throws<ArgumentNullException>(() => new Order(new Line[] { null }));
            Assert.Throws<ArgumentNullException>(() => Command.OfSell(null));
            Assert.Throws<ArgumentNullException>(() => Program.Open((string)null));
            Assert.Throws<ArgumentNullException>(() => book.Call(null));
        }

        [Test]
        public void AValueThatAnEnumDoesNotHaveIsRefused()
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                () => Sell(new Order(new[] { new Line("1", 1m, kind: (LineKind)99) })));
        }

        [Test]
        public void AListIsCopiedAndCannotBeChangedFromOutside()
        {
            var lines = new List<Line> { new Line("1", 1m) };
            var order = new Order(lines);
            lines.Clear();
            Assert.AreEqual(1, order.Lines.Count);
            Assert.Throws<NotSupportedException>(() => ((IList<Line>)order.Lines).Clear());
        }

        [Test]
        public void TheCultureOfTheThreadChangesNoNumber()
        {
            var before = Thread.CurrentThread.CurrentCulture;
            try
            {
                foreach (var name in new[] { "ru-RU", "tr-TR", "ar-SA", "" })
                {
                    Thread.CurrentThread.CurrentCulture = CultureInfo.GetCultureInfo(name);
                    var order = new Order(new[] { new Line("1", 1234.50m) });
                    var answer = Sell(order, name);
                    Assert.AreEqual(1234.50m, answer.Sale.Quote.Totals.Due, name);
                }
            }
            finally
            {
                Thread.CurrentThread.CurrentCulture = before;
            }
        }

        [Test]
        public void TheScaleOfADecimalAndEveryCharacterSurviveTheWayThereAndBack()
        {
            const string name = "Ёлка \"\\ €\ud83d\ude00";
            var order = new Order(new[] { new Line(name, 10.10m), new Line("2", 5m) });
            var lines = Sell(order).Sale.Quote.Lines;
            Assert.AreEqual(name, lines[0].Id);
            Assert.AreEqual("10.10", lines[0].Due.ToString(CultureInfo.InvariantCulture));
            Assert.AreEqual("5.00", lines[1].Due.ToString(CultureInfo.InvariantCulture));
        }

        private Answer Sell(Order order, string key = "1")
        {
            var command = Command.OfSell(new SellOrder(order));
            return book.Call(new Request(Noon, command, key: "key-" + key));
        }

        private string CodeOf(Line line)
        {
            return Assert.Throws<KopilkaException>(() => Sell(new Order(new[] { line }))).Code;
        }
    }
}
