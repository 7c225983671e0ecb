using System.Globalization;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Streams;

namespace Gateway.Benchmarks.Guardrails;

/// <summary>
/// What the guard of streams keeps back, detector by detector, of ordinary prose that comes token by token: characters, and how many pieces later a character goes on than it came. Counts, so they are the
/// same on any machine.
/// </summary>
internal static class HeldPart
{
    private const int PieceLength = 4;

    public static QualityTable? Run(Options options)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"detector",-20}{"window",10}{"held mean",11}{"held most",11}{"later mean",12}{"later most",12}   (characters; pieces of {PieceLength})");
        var prose = SpeedPart.Sized(20_000);
        foreach (var (name, set) in SampleRules.All())
        {
            var place = name == "tool_calls" ? GuardrailScope.ToolCall : GuardrailScope.Output;
            var window = set.Policies[0].Rules[0].Detectors.Max(static d => d.Window);
            var held = Measure(set, place, prose);
            text.AppendLine(CultureInfo.InvariantCulture, $"{name,-20}{(window == int.MaxValue ? "whole" : window.ToString(CultureInfo.InvariantCulture)),10}{held.Mean,11:0.0}{held.Most,11}{held.LaterMean,12:0.0}{held.LaterMost,12}");
        }

        Console.WriteLine(text);
        return null;
    }

    private static (double Mean, int Most, double LaterMean, int LaterMost) Measure(Gateway.Guardrails.Engine.Policies.PolicySet set, GuardrailScope place, string prose)
    {
        using var guard = new StreamGuard(set, place);
        var (pieces, sum, most, waited, latest) = (0, 0L, 0, 0L, 0);

        // What waits, as the piece that it came with and how much of it is left.
        var waiting = new Queue<(int Piece, int Left)>();
        for (var at = 0; at < prose.Length; at += PieceLength)
        {
            var piece = prose.AsSpan(at, Math.Min(PieceLength, prose.Length - at));
            waiting.Enqueue((pieces, piece.Length));
            guard.Push(piece);
            var gone = waiting.Sum(static w => w.Left) - guard.Held;
            while (gone > 0 && waiting.TryPeek(out var first))
            {
                var taken = Math.Min(gone, first.Left);
                waited += (long)taken * (pieces - first.Piece);
                latest = Math.Max(latest, pieces - first.Piece);
                gone -= taken;
                waiting.Dequeue();
                if (taken < first.Left)
                {
                    waiting = new Queue<(int, int)>(waiting.Prepend((first.Piece, first.Left - taken)));
                }
            }

            pieces++;
            sum += guard.Held;
            most = Math.Max(most, guard.Held);
        }

        foreach (var (piece, left) in waiting)
        {
            waited += (long)left * (pieces - piece);
            latest = Math.Max(latest, pieces - piece);
        }

        return ((double)sum / pieces, most, (double)waited / prose.Length, latest);
    }
}
