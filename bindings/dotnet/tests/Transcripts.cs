using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Kopilka.Tests
{
    /// <summary>
    /// Does what a transcript of the engine says, through the public API alone, and compares each answer
    /// byte for byte. A line that no object can say must be one that the engine refused.
    /// </summary>
    internal sealed class Transcripts
    {
        private static readonly Dictionary<string, Func<Json, EngineHandle>> Opened =
            new Dictionary<string, Func<Json, EngineHandle>>
            {
                { "book", json => Book.Open((BookOptions)Builder.Build(typeof(BookOptions), json)) },
                {
                    "ledger",
                    json => Ledger.Open((LedgerOptions)Builder.Build(typeof(LedgerOptions), json))
                },
                { "desk", OpenDesk },
                { "program", OpenProgram },
                { "watch", OpenWatch },
            };

        /// <summary>Times that a ledger took: no two runs take the same.</summary>
        private static readonly Regex Times =
            new Regex("(\"last\"|\"longest\"|\"median\"|\"micros\"):[0-9]+");

        private readonly Dictionary<string, EngineHandle> handles =
            new Dictionary<string, EngineHandle>();

        private string vector = "";

        public int Vectors { get; private set; }

        public int Lines { get; private set; }

        public int RefusedByTypes { get; private set; }

        public List<string> Failures { get; } = new List<string>();

        public void Read(string file)
        {
            var number = 0;
            foreach (var line in File.ReadLines(file))
            {
                number++;
                if (line.Length == 0)
                    continue;
                if (line[0] == '#')
                {
                    Begin(line);
                    continue;
                }
                Lines++;
                var difference = Difference(line.Split('\t'));
                if (difference != null)
                    Failures.Add(file + ":" + number + " " + vector + "\n" + difference);
            }
            Begin("");
        }

        private void Begin(string line)
        {
            foreach (var handle in handles.Values)
                handle.Dispose();
            handles.Clear();
            vector = line.TrimStart('#', ' ');
            if (line.Length > 0)
                Vectors++;
        }

        /// <summary>What is otherwise than the line says, or null.</summary>
        private string Difference(string[] columns)
        {
            if (columns[0] == "free")
            {
                // What could not be opened need not be freed.
                EngineHandle freed;
                if (handles.TryGetValue(columns[1], out freed))
                    freed.Dispose();
                handles.Remove(columns[1]);
                return null;
            }
            var outcome = Array.FindLastIndex(columns, column => column == "ok" || column == "error");
            var expected = string.Join("\t", columns.Skip(outcome));
            string found;
            try
            {
                var reply = Do(columns);
                found = reply == null ? "ok" : "ok\t" + reply;
            }
            catch (KopilkaException error)
            {
                found = "error\t" + Written.Errors(error);
            }
            catch (Exception cause) when (IsRefusal(cause))
            {
                if (columns[outcome] == "error")
                {
                    RefusedByTypes++;
                    return null;
                }
                found = "refused by types: " + cause.Message;
            }
            return found == expected ? null : "  expected " + expected + "\n  found    " + found;
        }

        /// <summary>What the types refuse, so that the engine need not.</summary>
        private static bool IsRefusal(Exception cause)
        {
            return cause is Unbuildable || cause is ArgumentException || cause is FormatException
                || cause is OverflowException;
        }

        private string Do(string[] columns)
        {
            switch (columns[0])
            {
                case "open":
                    handles[columns[1]] = Opened[columns[2]](Json.Parse(columns[3]));
                    return null;
                case "order":
                    var order = (Order)Builder.Build(typeof(Order), Json.Parse(columns[3]));
                    handles[columns[1]] = ((Program)handles[columns[2]]).Prepare(order);
                    return null;
                case "quote":
                    return Quoted(handles[columns[1]], handles[columns[2]], Json.Parse(columns[3]));
                case "call":
                    return Called(handles[columns[1]], Json.Parse(columns[2]));
                default:
                    throw new InvalidOperationException(columns[0] + " is no line of a transcript");
            }
        }

        private static string Quoted(EngineHandle place, EngineHandle order, Json request)
        {
            var call = (QuoteCall)Builder.Build(typeof(QuoteCall), request);
            var book = place as Book;
            var quote = book != null
                ? book.Quote((PreparedOrder)order, call)
                : ((Ledger)place).Quote((PreparedOrder)order, call);
            return Written.Canonical(quote);
        }

        private static string Called(EngineHandle handle, Json request)
        {
            var keeps = handle is Book || handle is Ledger;
            if (keeps && request.Has("command"))
            {
                var input = (Request)Builder.Build(typeof(Request), request);
                var book = handle as Book;
                return Written.Canonical(
                    book != null ? book.Call(input) : ((Ledger)handle).Call(input));
            }
            if (request.Kind != '{' || request.Entries.Count != 1)
                throw new Unbuildable("no verb");
            var verb = request.Entries[0];
            var type = handle.GetType();
            var method = type.GetMethod(Api.Member(type.Name, verb.Key));
            if (method == null)
                throw new Unbuildable(type.Name + " has no " + verb.Key);
            return "{" + Json.Quoted(verb.Key) + ":" + Asked(handle, method, verb.Value) + "}";
        }

        private static string Asked(EngineHandle handle, MethodInfo method, Json input)
        {
            var parameters = method.GetParameters();
            if (parameters.Length == 0 && input.Raw != "{}")
                throw new Unbuildable("there is something where nothing is taken");
            var arguments = parameters.Select(one => Builder.Build(one.ParameterType, input)).ToArray();
            try
            {
                var answer = method.Invoke(handle, arguments);
                var written = answer == null ? "{}" : Written.Canonical(answer);
                return handle is Ledger ? Times.Replace(written, "$1:0") : written;
            }
            catch (TargetInvocationException cause)
            {
                throw cause.InnerException;
            }
        }

        /// <summary>
        /// Opens a document by its text, since its version is that of the text; before that as an object,
        /// which must be refused for the same mistakes, if for any.
        /// </summary>
        private static EngineHandle OpenProgram(Json json)
        {
            var document = Typed<ProgramDocument>(json);
            if (document != null)
                Program.Open(document).Dispose();
            return Program.Open(json.Raw);
        }

        private static EngineHandle OpenDesk(Json json)
        {
            var document = Typed<DeskDocument>(json);
            if (document != null)
                Desk.Open(document).Dispose();
            return Desk.Open(json.Raw);
        }

        private static EngineHandle OpenWatch(Json json)
        {
            var document = Typed<WatchDocument>(json);
            if (document != null)
                Watch.Open(document).Dispose();
            return Watch.Open(json.Raw);
        }

        /// <summary>The document as an object, where it can be one; its text can always be given.</summary>
        private static T Typed<T>(Json json) where T : class
        {
            try
            {
                return (T)Builder.Build(typeof(T), json);
            }
            catch (Exception cause) when (IsRefusal(cause))
            {
                return null;
            }
        }
    }

    /// <summary>Reads transcripts: `Kopilka.Conformance.exe FILE…`.</summary>
    internal static class Conformance
    {
        private const int ShownMax = 20;

        private static int Main(string[] files)
        {
            var transcripts = new Transcripts();
            foreach (var file in files)
                transcripts.Read(file);
            foreach (var failure in transcripts.Failures.Take(ShownMax))
                Console.WriteLine(failure);
            Console.WriteLine(
                "{0} vectors with {1} lines in C#: {2} differ, {3} were refused by types",
                transcripts.Vectors, transcripts.Lines, transcripts.Failures.Count,
                transcripts.RefusedByTypes);
            return transcripts.Failures.Count == 0 && transcripts.Lines > 0 ? 0 : 1;
        }
    }
}
