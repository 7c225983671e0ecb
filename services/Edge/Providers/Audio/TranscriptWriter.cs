using System.Globalization;
using System.Text;

namespace Gateway.Edge.Providers.Audio;

/// <summary>Writes a transcript in the formats of OpenAI's transcriptions.</summary>
internal static class TranscriptWriter
{
    private const int WordsOfCaption = 12;

    /// <summary>The content type of a format, or null when there is no such format.</summary>
    public static string? ContentType(string format) => format switch
    {
        "json" or "verbose_json" => "application/json",
        "text" => "text/plain; charset=utf-8",
        "srt" => "application/x-subrip; charset=utf-8",
        "vtt" => "text/vtt; charset=utf-8",
        _ => null,
    };

    /// <summary>The transcript in a format for which <see cref="ContentType"/> is not null.</summary>
    /// <param name="transcript">What was said.</param>
    /// <param name="format"><c>json</c>, <c>verbose_json</c>, <c>text</c>, <c>srt</c> or <c>vtt</c>.</param>
    /// <param name="words">True to list the words with their times in <c>verbose_json</c>.</param>
    public static byte[] Write(Transcript transcript, string format, bool words) => format switch
    {
        "text" => Encoding.UTF8.GetBytes(transcript.Text + "\n"),
        "srt" => Captions(transcript, "", ','),
        "vtt" => Captions(transcript, "WEBVTT\n\n", '.'),
        "verbose_json" => Verbose(transcript, words),
        _ => AudioJson.Object(w => w.WriteString("text", transcript.Text)),
    };

    private static byte[] Verbose(Transcript transcript, bool words) => AudioJson.Object(w =>
    {
        w.WriteString("task", "transcribe");
        w.WriteString("language", transcript.Language ?? "");
        w.WriteNumber("duration", Duration(transcript));
        w.WriteString("text", transcript.Text);
        if (!words)
        {
            return;
        }

        w.WriteStartArray("words");
        foreach (var word in transcript.Words)
        {
            w.WriteStartObject();
            w.WriteString("word", word.Text);
            w.WriteNumber("start", word.Start);
            w.WriteNumber("end", word.End);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    });

    private static byte[] Captions(Transcript transcript, string head, char point)
    {
        var text = new StringBuilder(head);
        var number = 0;
        foreach (var words in transcript.Words.Count == 0
            ? [[new TranscriptWord(transcript.Text, 0, Duration(transcript))]]
            : transcript.Words.Chunk(WordsOfCaption))
        {
            text.Append(CultureInfo.InvariantCulture, $"{++number}\n{Time(words[0].Start, point)} --> {Time(words[^1].End, point)}\n");
            text.AppendJoin(' ', words.Select(static w => w.Text)).Append("\n\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static double Duration(Transcript transcript) => transcript.Seconds ?? (transcript.Words.Count > 0 ? transcript.Words[^1].End : 0);

    private static string Time(double seconds, char point)
    {
        var time = TimeSpan.FromMilliseconds(Math.Round(Math.Clamp(seconds, 0, 1_000_000) * 1000));
        return string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}{point}{time.Milliseconds:000}");
    }
}
