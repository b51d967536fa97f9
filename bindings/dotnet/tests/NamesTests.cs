using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Kopilka.Tests
{
    /// <summary>Every name of core/schema/api.json is there in this language's casing, and no other.</summary>
    [TestFixture]
    public sealed class NamesTests
    {
        /// <summary>Unions that only carry verbs, which are methods here.</summary>
        private static readonly string[] Carriers =
        {
            "BookCall", "BookReply", "DeskAnswer", "DeskQuery", "LedgerCall", "LedgerReply",
            "ProgramCall", "ProgramReply", "WatchCall", "WatchReply",
        };

        private static readonly Type[] Exported = typeof(Book).Assembly.GetExportedTypes();

        [Test]
        public void EveryTypeIsThereAndNothingElse()
        {
            var types = Api.Types.Entries.Select(entry => entry.Key).Except(Carriers).ToList();
            var unions = types.Where(type => Api.Kind(type) == "union").Select(type => type + "Kind");
            var handles = Api.Handles.Entries.Select(entry => Api.Member("handles", entry.Key));
            var own = new[]
            {
                "EngineHandle", "ErrorCodes", "Instant", "JsonText", "KopilkaException", "Mistake",
                "OrderChangedException", "StorageException",
            };
            var expected = types.Concat(unions).Concat(handles).Concat(own).OrderBy(Same);
            var found = Exported.Select(type => type.Name).OrderBy(Same);
            CollectionAssert.AreEqual(expected.ToList(), found.ToList());
        }

        [Test]
        public void EveryFieldIsAPropertyAndAParameter()
        {
            foreach (var type in Exported.Where(type => IsOf("object", type)))
            {
                var fields = Api.Parts(type.Name).Keys;
                var properties = type.GetProperties().Select(property => property.Name);
                Agree(type, fields.Select(key => Api.Member(type.Name, key)), properties);
                var parameters = type.GetConstructors().Single().GetParameters();
                Agree(type, fields.Select(Builder.Parameter), parameters.Select(one => one.Name));
                foreach (var parameter in parameters)
                    Assert.IsTrue(IsAsDescribed(type, parameter), type.Name + " " + parameter.Name);
            }
        }

        [Test]
        public void EveryWordIsAnEnumMember()
        {
            foreach (var type in Exported.Where(type => IsOf("choice", type)))
            {
                var words = Api.Parts(type.Name).Keys;
                Agree(type, words.Select(word => Api.Member(type.Name, word)), Enum.GetNames(type));
            }
        }

        [Test]
        public void EveryVariantIsAKindAPropertyAndAFactory()
        {
            foreach (var type in Exported.Where(type => IsOf("union", type)))
            {
                var keys = Api.Parts(type.Name).Keys;
                var names = keys.Select(key => Api.Member(type.Name, key)).ToList();
                var properties = type.GetProperties().Select(property => property.Name);
                Agree(type, names.Concat(new[] { "Kind" }), properties);
                Agree(type, names, Enum.GetNames(type.Assembly.GetType(type.FullName + "Kind")));
                var factories = type.GetMethods().Where(method => method.IsStatic);
                Agree(type, names.Select(name => "Of" + name),
                    factories.Select(method => method.Name).Where(name => !name.StartsWith("get_")));
            }
        }

        [Test]
        public void EveryVerbIsAMethodOfItsHandle()
        {
            foreach (var handle in Api.Handles.Entries)
            {
                var name = Api.Member("handles", handle.Key);
                var type = Exported.Single(exported => exported.Name == name);
                foreach (var verb in handle.Value["verbs"].Items)
                {
                    // A prepared order is quoted at a place, which is asked.
                    var asked = verb["name"].Text == "quote" ? typeof(Ledger) : type;
                    var method = asked.GetMethod(Api.Member(name, verb["name"].Text));
                    Assert.IsNotNull(method, name + " lacks " + verb["name"].Text);
                }
            }
        }

        [Test]
        public void EveryErrorCodeIsAConstant()
        {
            var codes = Json.Parse(System.IO.File.ReadAllText(
                System.IO.Path.Combine(Api.Root, "core/schema/codes.json")));
            var expected = codes["errors"].Items.ToDictionary(
                error => Api.Pascal(error["code"].Text), error => error["code"].Text);
            foreach (var field in typeof(ErrorCodes).GetFields())
                Assert.AreEqual(expected[field.Name], field.GetRawConstantValue());
            Assert.AreEqual(expected.Count, typeof(ErrorCodes).GetFields().Length);
        }

        /// <summary>Whether a parameter may be left out exactly where the field may.</summary>
        private static bool IsAsDescribed(Type type, System.Reflection.ParameterInfo parameter)
        {
            var field = Api.Parts(type.Name).Single(
                part => Builder.Parameter(part.Key) == parameter.Name).Value;
            return parameter.IsOptional == (field.Has("optional") || field.Has("default"));
        }

        private static bool IsOf(string kind, Type type)
        {
            return Api.Types.Has(type.Name) && Api.Kind(type.Name) == kind;
        }

        private static void Agree(Type type, IEnumerable<string> expected, IEnumerable<string> found)
        {
            CollectionAssert.AreEquivalent(expected.ToList(), found.ToList(), type.Name);
        }

        private static string Same(string name)
        {
            return name;
        }
    }
}
