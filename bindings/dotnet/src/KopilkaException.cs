using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.Serialization;

namespace Kopilka
{
    /// <summary>
    /// A call failed and nothing was done. Where less happened than hoped, calls succeed, and the answer
    /// says why.
    /// </summary>
    [Serializable]
    public class KopilkaException : Exception
    {
        internal KopilkaException(IReadOnlyList<Mistake> mistakes) : base(Sentence(mistakes))
        {
            Mistakes = mistakes;
        }

        /// <summary>Reads one that comes from another AppDomain.</summary>
        protected KopilkaException(SerializationInfo info, StreamingContext context)
            : base(info, context)
        {
            Mistakes = Array.AsReadOnly((Mistake[])info.GetValue("Mistakes", typeof(Mistake[])));
        }

        /// <summary>Writes it for another AppDomain.</summary>
        public override void GetObjectData(SerializationInfo info, StreamingContext context)
        {
            base.GetObjectData(info, context);
            info.AddValue("Mistakes", Mistakes.ToArray());
        }

        /// <summary>Everything that is wrong, in the order of the document; never empty.</summary>
        public IReadOnlyList<Mistake> Mistakes { get; }

        /// <summary>The code of the first mistake, one of <see cref="ErrorCodes"/>.</summary>
        public string Code => Mistakes[0].Code;

        /// <summary>The number of the first mistake's code, which is never reused.</summary>
        public long Number => Mistakes[0].Number;

        /// <summary>Where the first mistake is, as a JSON Pointer (RFC 6901); empty for the whole.</summary>
        public string Path => Mistakes[0].Path;

        /// <summary>
        /// What the cashier should read, in Russian if that is the language of the thread's user
        /// interface, in English if it is any other.
        /// </summary>
        public string Help => Mistakes[0].Help;

        /// <summary>What the cashier should read.</summary>
        /// <param name="language">The language.</param>
        public string HelpIn(Language language)
        {
            return Mistakes[0].HelpIn(language);
        }

        /// <summary>The engine answered something that this assembly does not know.</summary>
        internal static KopilkaException OfAnswer(string message)
        {
            const string russian = "Ошибка программы. Сообщите в поддержку.";
            const string english = "A program error. Call support.";
            return new KopilkaException(new[]
            {
                new Mistake(ErrorCodes.Internal, 900, "", message, russian, english),
            });
        }

        internal static KopilkaException Of(IReadOnlyList<Mistake> mistakes)
        {
            var number = mistakes[0].Number;
            if (mistakes[0].Code == ErrorCodes.OrderChanged)
                return new OrderChangedException(mistakes);
            if (number >= StorageFirst && number <= StorageLast)
                return new StorageException(mistakes);
            return new KopilkaException(mistakes);
        }

        /// <summary>The numbers of `store.…` lie together.</summary>
        private const long StorageFirst = 530;

        private const long StorageLast = 539;

        private static string Sentence(IReadOnlyList<Mistake> mistakes)
        {
            var sentences = new string[mistakes.Count];
            for (var place = 0; place < sentences.Length; place++)
                sentences[place] = mistakes[place].ToString();
            return string.Join("; ", sentences);
        }
    }

    /// <summary>The order is no longer what was quoted: quote again and show the guest.</summary>
    [Serializable]
    public sealed class OrderChangedException : KopilkaException
    {
        private OrderChangedException(SerializationInfo info, StreamingContext context)
            : base(info, context)
        {
        }

        internal OrderChangedException(IReadOnlyList<Mistake> mistakes) : base(mistakes)
        {
        }
    }

    /// <summary>The file of the ledger, its folder or its medium failed: the till needs somebody.</summary>
    [Serializable]
    public sealed class StorageException : KopilkaException
    {
        private StorageException(SerializationInfo info, StreamingContext context)
            : base(info, context)
        {
        }

        internal StorageException(IReadOnlyList<Mistake> mistakes) : base(mistakes)
        {
        }
    }

    /// <summary>One thing that is wrong, and where.</summary>
    [Serializable]
    public sealed class Mistake
    {
        private readonly string russian;
        private readonly string english;

        internal Mistake(
            string code, long number, string path, string message, string russian, string english)
        {
            Code = code;
            Number = number;
            Path = path;
            Message = message;
            this.russian = russian;
            this.english = english;
        }

        /// <summary>The code, one of <see cref="ErrorCodes"/>.</summary>
        public string Code { get; }

        /// <summary>The number of the code, which is never reused.</summary>
        public long Number { get; }

        /// <summary>Where it is, as a JSON Pointer (RFC 6901); empty for the whole.</summary>
        public string Path { get; }

        /// <summary>One sentence for developers, in English.</summary>
        public string Message { get; }

        /// <summary>
        /// What the cashier should read, in Russian if that is the language of the thread's user
        /// interface, in English if it is any other.
        /// </summary>
        public string Help =>
            CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "ru" ? russian : english;

        /// <summary>What the cashier should read.</summary>
        /// <param name="language">The language.</param>
        public string HelpIn(Language language)
        {
            return language == Language.Ru ? russian : english;
        }

        /// <summary>Code, place and sentence.</summary>
        public override string ToString()
        {
            var place = Path.Length == 0 ? "the whole" : Path;
            return Code + " at " + place + ": " + Message;
        }
    }
}
