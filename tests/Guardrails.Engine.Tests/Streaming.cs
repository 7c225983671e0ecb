using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Engine.Streams;

namespace Gateway.Guardrails.Engine.Tests;

/// <summary>Compares what a stream lets through with what the whole text becomes.</summary>
internal static class Streaming
{
    private static readonly byte[] _key = [1, 2, 3, 4];

    public static PolicySet Set(params GuardrailRuleEntry[] rules) => new([Compile(rules)]);

    public static CompiledPolicy Compile(params GuardrailRuleEntry[] rules) => Compile(new GuardrailPolicyEntry { Id = "p", Rules = rules });

    public static CompiledPolicy Compile(GuardrailPolicyEntry entry)
    {
        var compiled = PolicyCompiler.Compile(entry);
        Assert.Empty(compiled.Problems);
        return compiled.Policy!;
    }

    public static GuardContext Context() => new() { Substitutes = new TextSubstitutes(_key) };

    /// <summary>What becomes of a text as a whole; null when it is stopped.</summary>
    public static string? Whole(PolicySet set, string text, bool isJson = false, GuardrailScope place = GuardrailScope.Output)
    {
        var outcome = GuardEngine.Check([new GuardText(text, place) { IsJson = isJson }], set, Context());
        return outcome.Verdict is GuardVerdict.Allow or GuardVerdict.Route ? outcome.Texts[0].Text : null;
    }

    /// <summary>What a stream lets through, cut at the places given.</summary>
    public static (string Released, bool IsStopped, int MostHeld) Stream(PolicySet set, string text, IEnumerable<int> cuts, bool isJson = false, GuardrailScope place = GuardrailScope.Output)
    {
        using var guard = new StreamGuard(set, place, isJson: isJson, context: Context());
        var released = new StringBuilder();
        var (at, held) = (0, 0);
        foreach (var cut in cuts.Append(text.Length))
        {
            if (cut > at && cut <= text.Length)
            {
                released.Append(guard.Push(text.AsSpan(at, cut - at)));
                held = Math.Max(held, guard.Held);
                at = cut;
            }
        }

        released.Append(guard.Complete());
        Assert.Equal(0, guard.IsStopped ? 0 : guard.Held);
        return (released.ToString(), guard.IsStopped, held);
    }

    /// <summary>Holds for pieces of one character, every cut in two, and random cuts.</summary>
    public static void AssertSame(PolicySet set, string text, bool isJson = false, int randomCuts = 8, int seed = 1)
    {
        var whole = Whole(set, text, isJson);
        var first = Stream(set, text, Enumerable.Range(1, text.Length), isJson);
        Check(first, "one by one");
        for (var cut = 1; cut < text.Length; cut += text.Length <= 400 ? 1 : text.Length / 50)
        {
            Check(Stream(set, text, [cut], isJson), $"cut at {cut}");
        }

        var random = new Random(seed);
        for (var round = 0; round < randomCuts; round++)
        {
            var step = random.Next(1, 40);
            Check(Stream(set, text, Enumerable.Range(1, text.Length).Where(_ => random.Next(step) == 0), isJson), $"random {round}");
        }

        void Check((string Released, bool IsStopped, int MostHeld) stream, string how)
        {
            Assert.True(stream.IsStopped == whole is null, $"{how}: stopped {stream.IsStopped}, whole {whole is null}: {text}");
            Assert.True(whole is null ? stream.Released == first.Released : stream.Released == whole, $"{how}:\n{stream.Released}\n{whole}\nof {text}");
        }
    }

    /// <summary>Texts made of fragments that matter to a detector, glued at random.</summary>
    public static Gen<string> Texts(params string[] fragments) =>
        from parts in Gen.Elements(fragments).ListOf()
        from glue in Gen.Elements("", " ", " ", ", ", "\n", "x", "1").ListOf(parts.Count)
        select string.Concat(parts.Zip(glue, static (p, g) => p + g));

    public static void Property(Gen<string> texts, Action<string> holds, int tests = 60) =>
        Prop.ForAll(texts.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(tests));
}
