using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Benchmarks.Guardrails;

/// <summary>
/// Time over length, of texts made to cost: how much longer eight times the text takes than once, detector by detector, for the worst of them. Linear is 8; the run fails above 16, which leaves room for
/// a busy machine and none for a square (64).
/// </summary>
internal static class LinearPart
{
    private const int Short = 32 * 1024;
    private const int Times = 8;
    private const double MostGrowth = 16;

    // Less than this is the clock's own doing.
    private const double LeastMicroseconds = 2_000;

    private static readonly string[] _pieces =
    [
        "a", "1", "1 ", "1-", "A ", "A", "a.", "@", "a@", "eyJ", "eyJ.", "://", "http://", "-----BEGIN PRIVATE KEY-----", "token=", "password is ", "Jane Roe, 12 Elm Street, ", "4111 1111 1111 1111 ", "\ud83d", " ", "\n",
        "New ", "the corner of ", "ignore ", "ignore all previous instructions ", "%41", "&#x41;", "\\u0041", "QUFB", "aGk=", "4a4b", "i g n o r e ", "\u200b", "{\"", "[", "acme acme", "confidential falco", "```", "SELECT * FROM ", "AB-12345",
    ];

    public static QualityTable? Run(Options options)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"detector",-20}{"us per KB",11}{"growth",9}   worst of {_pieces.Length} hostile texts, {Short / 1024} KB against {Short * Times / 1024} KB; linear is {Times}");
        var worst = 0.0;
        foreach (var (name, set) in SampleRules.All())
        {
            var place = name == "tool_calls" ? GuardrailScope.ToolCall : GuardrailScope.Output;
            var (growth, slowest, which) = (0.0, 0.0, "");
            for (var i = 0; i < 40; i++)
            {
                // The runtime compiles what is used often a second time.
                GuardEngine.Check([new GuardText(SpeedPart.Sized(Short), place)], set);
            }

            foreach (var piece in _pieces)
            {
                var (factor, large) = Growth(set, place, piece);
                slowest = Math.Max(slowest, large / (Short * Times / 1024.0));
                if (large > LeastMicroseconds && factor > growth)
                {
                    (growth, which) = (factor, piece);
                }
            }

            worst = Math.Max(worst, growth);
            text.AppendLine(CultureInfo.InvariantCulture, $"{name,-20}{slowest,11:0.0}{growth,9:0.0}   {which.ReplaceLineEndings("\\n")}");
        }

        Console.WriteLine(text);
        if (worst > MostGrowth)
        {
            Console.Error.WriteLine($"Time grows faster than the text: by {worst:0.0} for {Times} times the length.");
            Environment.ExitCode = 1;
        }

        return null;
    }

    /// <summary>How much longer the long text takes. Other work on the machine only ever makes it look longer, so that what is above the bound is measured anew.</summary>
    private static (double Growth, double Large) Growth(PolicySet set, GuardrailScope place, string piece)
    {
        var (growth, large) = (double.MaxValue, double.MaxValue);
        for (var attempt = 0; attempt < 4 && growth > MostGrowth; attempt++)
        {
            var small = Time(set, place, Repeat(piece, Short));
            var now = Time(set, place, Repeat(piece, Short * Times));
            (growth, large) = (Math.Min(growth, now / Math.Max(small, LeastMicroseconds / Times)), Math.Min(large, now));
        }

        return (growth, large);
    }

    private static string Repeat(string piece, int length) => string.Concat(Enumerable.Repeat(piece, (length / piece.Length) + 1))[..length];

    private static double Time(PolicySet set, GuardrailScope place, string text)
    {
        GuardText[] texts = [new GuardText(text, place)];
        var best = double.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var start = Stopwatch.GetTimestamp();
            GuardEngine.Check(texts, set);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return best;
    }
}
