using System.Globalization;
using Gateway.LlmSimulator.Behaviour;
using Gateway.Recordings;

namespace Gateway.LlmSimulator.Serving;

/// <summary>Answers that are recordings, byte for byte.</summary>
internal static class Replays
{
    private const string ModelPrefix = "replay-";

    /// <summary>
    /// The knobs of a model called <c>replay-{number}</c> or <c>replay-{number}-{seed}</c>: the recording of that number in the
    /// corpus, cut at random. A name without special characters survives in every dialect's path. Null for any other name.
    /// </summary>
    public static string? KnobsOf(string model)
    {
        if (!model.StartsWith(ModelPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = model[ModelPrefix.Length..].Split('-');
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= Corpus.All.Recordings.Count)
        {
            return null;
        }

        var knobs = "replay=" + Uri.EscapeDataString(Corpus.All.Recordings[number].Id);
        return parts.Length > 1 ? knobs + "&recut=" + parts[1] : knobs;
    }

    public static Work Answer(long number, SimulatorBehaviour behaviour)
    {
        if (Corpus.All.Find(behaviour.Replay!) is not { } recording)
        {
            return Work.Error(number, behaviour with { Replay = null }, StatusCodes.Status404NotFound, "simulator_knob", $"There is no recording {behaviour.Replay}.");
        }

        return new Work(number, behaviour, recording.ResponseBody, recording.Status, null)
        {
            ContentType = recording.ResponseContentType,
            Headers = [],
            Chunked = recording.IsStream,
        };
    }
}
