using System;
using System.Collections.Generic;
using System.Linq;
using Kopilka;

namespace KopilkaPlugin
{
    /// <summary>
    /// Bonuses as a payment type of iikoFront. Everything that must outlive a restart is in the ledger or
    /// in the host's rollback data; what is in memory can be lost at any time.
    /// </summary>
    internal sealed class PaymentProcessor : IDisposable
    {
        private readonly Ledger ledger;
        private readonly Kopilka.Program program;
        private readonly string store;
        private readonly Func<DateTimeOffset> clock;

        /// <summary>The card of each payment, as it was collected.</summary>
        private readonly Dictionary<string, string> cards = new Dictionary<string, string>();

        internal PaymentProcessor(
            string path, string document, string store, Func<DateTimeOffset> clock)
        {
            ledger = Ledger.Open(new LedgerOptions("till-1", path: path));
            program = Kopilka.Program.Open(document);
            this.store = store;
            this.clock = clock;
        }

        internal Ledger Ledger => ledger;

        public void Dispose()
        {
            program.Dispose();
            ledger.Dispose();
        }

        /// <summary>Before the payment is added: the card is swiped. Throwing here stops it cleanly.</summary>
        internal void CollectData(HostOrder order, PaymentItem item, string swiped)
        {
            var scan = Command.OfIdentify(new Identify(swiped));
            var found = Asked(() => ledger.Call(new Request(clock(), scan))).Identified;
            if (found.What != ScanKind.Card)
                throw new PaymentActionFailedException("Карта не прочитана. Повторите.");
            cards[item.TransactionId] = found.Number;
            // The card goes where a restart does not lose it.
            item.RollbackData = "card:" + found.Number;
        }

        /// <summary>The payment is in the order: it is cut down to what can be spent.</summary>
        internal void OnPaymentAdded(HostOrder order, PaymentItem item)
        {
            var spendable = Quoted(order, CardOf(item), new Spend()).Spendable;
            var most = spendable == null ? 0m : spendable.Maximum;
            item.Sum = Math.Min(item.Sum, most);
        }

        /// <summary>
        /// The points are held. The key is the host's transaction: asked twice, it happens once, also if
        /// the till was switched off in between.
        /// </summary>
        internal void Pay(decimal sum, HostOrder order, PaymentItem item)
        {
            var agreed = OrderOf(order, CardOf(item), new Spend(SpendMode.Exact, sum));
            var reserve = Command.OfReserve(new ReserveOrder(agreed));
            var held = Called("pay-" + item.TransactionId, reserve).Sale;
            item.RollbackData = "token:" + held.Token;
        }

        /// <summary>
        /// The cheque is printed. What was held is spent now; an order without a payment of ours that has
        /// a card earns all the same, which the host by itself has no place for.
        /// </summary>
        internal void OnOrderClosed(HostOrder order)
        {
            foreach (var item in order.Payments)
            {
                var confirm = new Confirm(TokenOf(item), receipt: "" + order.Number, store: store);
                Called("confirm-" + item.TransactionId, Command.OfConfirm(confirm));
            }
            if (order.Payments.Count == 0 && order.AttachedCard != null)
            {
                var earned = OrderOf(order, order.AttachedCard, new Spend());
                Called("close-" + order.Number, Command.OfSell(new SellOrder(earned)));
            }
        }

        /// <summary>Paid, but the order was not closed: the printer failed.</summary>
        internal void EmergencyCancelPayment(HostOrder order, PaymentItem item)
        {
            if (!IsHeld(item))
                return;
            var cancel = new Cancel(TokenOf(item), reason: "printer", store: store);
            Called("cancel-" + item.TransactionId, Command.OfCancel(cancel));
        }

        /// <summary>A closed order is taken back as a whole.</summary>
        internal void ReturnPayment(decimal sum, HostOrder order, PaymentItem item)
        {
            var refund = new Refund(reason: "storno", store: store, token: TokenOf(item));
            Called("return-" + item.TransactionId, Command.OfRefund(refund));
        }

        /// <summary>What an order costs, spends and earns. Any number of orders may be open at once.</summary>
        internal Quote Quoted(HostOrder order, string card, Spend spend)
        {
            return Asked(() =>
            {
                using (var prepared = program.Prepare(OrderOf(order, card, spend)))
                    return ledger.Quote(prepared, new QuoteCall(clock()));
            });
        }

        /// <summary>What the guest has now.</summary>
        internal decimal BalanceOf(string card)
        {
            var query = Command.OfBalance(new CardQuery(card));
            var seen = ledger.Call(new Request(clock(), query)).Card;
            return seen.Card.Balances.Sum(balance => balance.Spendable);
        }

        private Order OrderOf(HostOrder order, string card, Spend spend)
        {
            var lines = order.Items.Select(
                item => new Line(item.Id, item.Price, name: item.Name, quantity: item.Amount));
            return new Order(
                lines.ToList(), cards: new[] { new PresentedCard(card) },
                receipt: "" + order.Number, spend: spend, store: store);
        }

        private string CardOf(PaymentItem item)
        {
            string card;
            if (cards.TryGetValue(item.TransactionId, out card))
                return card;
            return Kept(item, "card:");
        }

        private static bool IsHeld(PaymentItem item)
        {
            return item.RollbackData != null && item.RollbackData.StartsWith("token:");
        }

        private static string TokenOf(PaymentItem item)
        {
            return Kept(item, "token:");
        }

        private static string Kept(PaymentItem item, string what)
        {
            if (item.RollbackData == null || !item.RollbackData.StartsWith(what))
                throw new PaymentActionFailedException("Оплата бонусами не найдена. Добавьте её заново.");
            return item.RollbackData.Substring(what.Length);
        }

        private Answer Called(string key, Command command)
        {
            return Asked(() => ledger.Call(new Request(clock(), command, key: key)));
        }

        /// <summary>What the engine refuses is shown to the cashier in words that are meant for that.</summary>
        private static T Asked<T>(Func<T> call)
        {
            try
            {
                return call();
            }
            catch (KopilkaException refused)
            {
                throw new PaymentActionFailedException(refused.HelpIn(Language.Ru));
            }
        }
    }
}
