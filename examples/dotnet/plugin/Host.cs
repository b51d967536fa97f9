using System;
using System.Collections.Generic;
using System.Linq;

namespace KopilkaPlugin
{
    /// <summary>
    /// What stands in for iikoFront here: as much of its call order as a payment processor meets. The
    /// names follow the API, and nothing of the API itself is shipped.
    /// </summary>
    internal sealed class Host
    {
        private readonly PaymentProcessor processor;

        internal Host(PaymentProcessor processor)
        {
            this.processor = processor;
        }

        /// <summary>Whether the fiscal printer works.</summary>
        internal bool PrinterWorks { get; set; } = true;

        /// <summary>The cashier adds a payment with bonuses to an order.</summary>
        internal PaymentItem AddPayment(HostOrder order, string swiped, decimal wished)
        {
            var item = new PaymentItem(order.Number);
            // Thrown here, nothing was added yet: the processor may still say no.
            processor.CollectData(order, item, swiped);
            item.Sum = wished;
            order.Payments.Add(item);
            processor.OnPaymentAdded(order, item);
            return item;
        }

        /// <summary>The cashier presses Pay: each payment is taken, the cheque is printed.</summary>
        internal bool PayAndClose(HostOrder order)
        {
            foreach (var item in order.Payments)
                processor.Pay(item.Sum, order, item);
            return Close(order);
        }

        /// <summary>The cheque is printed; where that fails, what was paid is given up.</summary>
        internal bool Close(HostOrder order)
        {
            if (!PrinterWorks)
            {
                foreach (var item in order.Payments)
                    processor.EmergencyCancelPayment(order, item);
                return false;
            }
            order.Closed = true;
            processor.OnOrderClosed(order);
            return true;
        }

        /// <summary>A closed order is taken back.</summary>
        internal void Storno(HostOrder order)
        {
            foreach (var item in order.Payments)
                processor.ReturnPayment(item.Sum, order, item);
        }
    }

    /// <summary>An order of the host, already with the host's own discounts in its prices.</summary>
    internal sealed class HostOrder
    {
        internal HostOrder(int number, params HostItem[] items)
        {
            Number = number;
            Items = items;
        }

        internal int Number { get; }

        internal IReadOnlyList<HostItem> Items { get; }

        internal List<PaymentItem> Payments { get; } = new List<PaymentItem>();

        /// <summary>The guest's card, where the host attached one to the order without a payment.</summary>
        internal string AttachedCard { get; set; }

        internal bool Closed { get; set; }

        internal decimal ResultSum => Items.Sum(item => item.Price * item.Amount);
    }

    /// <summary>A dish of an order.</summary>
    internal sealed class HostItem
    {
        internal HostItem(string id, string name, decimal price, decimal amount = 1m)
        {
            Id = id;
            Name = name;
            Price = price;
            Amount = amount;
        }

        internal string Id { get; }

        internal string Name { get; }

        internal decimal Price { get; }

        internal decimal Amount { get; }
    }

    /// <summary>A payment of an order. The host keeps it, with its rollback data, over a restart.</summary>
    internal sealed class PaymentItem
    {
        internal PaymentItem(int order)
        {
            TransactionId = "tr-" + order;
        }

        /// <summary>The same at paying, cancelling and returning.</summary>
        internal string TransactionId { get; }

        internal decimal Sum { get; set; }

        /// <summary>What the processor gave the host to keep for it.</summary>
        internal string RollbackData { get; set; }
    }

    /// <summary>Shown to the cashier; the payment does not happen.</summary>
    internal sealed class PaymentActionFailedException : Exception
    {
        internal PaymentActionFailedException(string message) : base(message)
        {
        }
    }
}
