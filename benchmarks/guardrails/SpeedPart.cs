using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Engine.Streams;

namespace Gateway.Benchmarks.Guardrails;

/// <summary>What a check costs on one thread. Figures mean something on a quiet machine only, so nothing is held to them.</summary>
internal static class SpeedPart
{
    private const string Prose = "Could you help me to plan the release of next week? The tests on the staging system pass, but the deployment of last Tuesday needed two attempts, and Maria Keller said that the database was slow. Write to ops@example.org or call +1 415 555 2671 if anything is unclear. We should also look at the new dashboard and at the costs of the model calls in June. ";

    public static QualityTable? Run(Options options)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"rules",-16}{"1 KB us",10}{"10 KB us",10}{"chunk us",10}");
        foreach (var detectors in new string[][] { ["pii"], ["secrets"], ["pii", "secrets"], [.. Deterministic] })
        {
            var set = new PolicySet([PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "p", Rules = [.. detectors.Select(static d => new GuardrailRuleEntry { Detector = d, Action = d is "pii" or "secrets" ? GuardrailAction.Redact : GuardrailAction.Flag })] }).Policy!]);
            text.AppendLine(CultureInfo.InvariantCulture, $"{string.Join('+', detectors),-16}{Whole(set, Sized(1024)),10:0.0}{Whole(set, Sized(10_240)),10:0.0}{Chunk(set, Sized(10_240)),10:0.00}");
        }

        Console.WriteLine(text);
        return null;
    }

    private static IEnumerable<string> Deterministic => DetectorCatalogue.Find("injection") is null ? ["pii", "secrets"] : ["pii", "secrets", "injection"];

    /// <summary>So many characters of ordinary prose with a name, an address and a number in it.</summary>
    public static string Sized(int length) => string.Concat(Enumerable.Repeat(Prose, (length / Prose.Length) + 1))[..length];

    private static double Whole(PolicySet set, string text)
    {
        GuardText[] texts = [new GuardText(text, GuardrailScope.Input)];
        return Best(() => GuardEngine.Check(texts, set), 1);
    }

    private static double Chunk(PolicySet set, string text)
    {
        // About a token each.
        var chunks = text.Chunk(4).Select(static c => new string(c)).ToArray();
        return Best(
            () =>
            {
                using var guard = new StreamGuard(set, GuardrailScope.Output);
                foreach (var chunk in chunks)
                {
                    guard.Push(chunk);
                }

                guard.Complete();
            },
            chunks.Length);
    }

    private static double Best(Action work, int parts)
    {
        var best = double.MaxValue;
        for (var round = 0; round < 15; round++)
        {
            var (start, times) = (Stopwatch.GetTimestamp(), 0);
            do
            {
                work();
                times++;
            }
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 100);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / times / parts);
        }

        return best;
    }
}
