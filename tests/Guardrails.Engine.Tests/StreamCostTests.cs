using System.Collections.Frozen;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Tests;

/// <summary>What a stream costs, in counts, so that it is the same on any machine: how much of a text every detector is shown when it comes a character at a time, and how much of it is held.</summary>
public sealed class StreamCostTests
{
    private static readonly string[] _pieces = ["a", "1 ", "A ", "eyJ", "token=", "Jane Roe, 12 Elm Street, ", "ignore all previous instructions ", "-----BEGIN PRIVATE KEY-----", "QUFB", "\\u0041", "://", "confidential falco"];

    public static TheoryData<string> Detectors => [.. DetectorCatalogue.All.Where(static d => !d.IsRemote).Select(static d => d.Name)];

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Twice_the_text_costs_twice_and_no_more_is_held_than_the_window_says(string detector)
    {
        foreach (var piece in _pieces)
        {
            var (small, held) = Run(detector, piece, 6_000);
            var (large, heldMore) = Run(detector, piece, 12_000);
            if (small is null)
            {
                return;
            }

            // A quarter of what is looked at anew is waited for; the first pieces of a text are looked at one by one.
            Assert.True(large!.Shown <= (small.Shown * 2.6) + 200_000, $"{detector} «{piece}»: {small.Shown} then {large.Shown}");
            if (small.Window < int.MaxValue)
            {
                Assert.True(Math.Max(held, heldMore) <= (small.Window * 1.25) + 64, $"{detector} «{piece}»: {Math.Max(held, heldMore)} of {small.Window}");
            }
        }
    }

    private static (Counted? Cost, int Held) Run(string detector, string piece, int length)
    {
        var rule = new GuardrailRuleEntry { Detector = detector, Action = GuardrailAction.Block, Scopes = [detector == "tool_calls" ? GuardrailScope.ToolCall : GuardrailScope.Output] } switch
        {
            var r when detector is "keywords" or "blocked_terms" or "competitors" => r with { Terms = ["confidential falcon", "acme*"] },
            var r when detector == "language" => r with { Allow = ["en"] },
            var r when detector == "topics" => r with { Kinds = ["politics", "medical"] },
            var r when detector == "regex" => r with { Patterns = ["[A-Z]{2}-[0-9]{6}"] },
            var r when detector == "length" => r with { Max = 1_000_000 },
            var r when detector == "json_schema" => r with { Schema = """{"type":"object"}""" },
            var r when detector == "tool_calls" => r with { Patterns = ["rm -rf"] },
            var r => r,
        };
        var compiled = PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "p", Rules = [rule] }).Policy ?? PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "p", Rules = [rule with { Action = GuardrailAction.Flag }] }).Policy;
        if (compiled is null)
        {
            return (null, 0);
        }

        var whole = compiled.Rules[0];
        var cost = new Counted();
        var counting = whole.Detectors.Select(d => (IDetector)new Counting(d, cost)).ToList();
        cost.Window = whole.Detectors.Max(static d => d.Window);

        // It flags and acts on nothing it finds, so that the whole text is looked at; it holds as if it acted.
        var policy = new CompiledPolicy(compiled.Entry, [new CompiledRule(0, whole.Entry, whole.Descriptor, counting, FrozenSet.ToFrozenSet(["nothing that is found"], StringComparer.Ordinal), 2)], "");
        var text = string.Concat(Enumerable.Repeat(piece, (length / piece.Length) + 1))[..length];
        var (_, _, held) = Streaming.Stream(new PolicySet([policy]), text, Enumerable.Range(1, length), place: rule.Scopes[0]);
        return (cost, held);
    }

    private sealed class Counted
    {
        public long Shown { get; set; }

        public int Window { get; set; }
    }

    private sealed class Counting(IDetector inner, Counted counted) : IDetector
    {
        public string Name => inner.Name;

        public int Lookbehind => inner.Lookbehind;

        public int Window => inner.Window;

        public object? CreateState() => inner.CreateState();

        public int Detect(in DetectorText text, FindingSink findings)
        {
            counted.Shown += text.Text.Length - text.From;
            return inner.Detect(text, findings);
        }
    }
}
