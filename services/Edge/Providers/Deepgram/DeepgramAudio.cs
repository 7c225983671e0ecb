using System.Net.Http.Headers;
using Gateway.Dialects.Chat;
using Gateway.Edge.Providers.Audio;

namespace Gateway.Edge.Providers.Deepgram;

/// <summary>OpenAI's audio requests as Deepgram takes them: everything in the query, the body being the text or the sound itself.</summary>
internal sealed class DeepgramAudio : IAudioMapping
{
    public static readonly DeepgramAudio Instance = new();

    public AudioCall? MapSpeech(SpeechRequest request, out string problem)
    {
        var format = request.Format switch
        {
            "mp3" => "encoding=mp3",
            "opus" => "encoding=opus&container=ogg",
            "aac" => "encoding=aac",
            "flac" => "encoding=flac",
            "wav" => "encoding=linear16&container=wav",
            "pcm" => "encoding=linear16&container=none&sample_rate=24000",
            _ => null,
        };
        problem = format is null ? $"Deepgram has no audio format '{request.Format}'. Legal: mp3, opus, aac, flac, wav, pcm."
            : request.Speed is not (null or 1) ? "Deepgram cannot change the speed of speech: leave 'speed' out."
            : "";
        if (problem.Length > 0)
        {
            return null;
        }

        // A model of Deepgram is one voice; a voice named as such wins over the deployment's.
        var model = request.Voice.StartsWith("aura", StringComparison.Ordinal) ? request.Voice : request.Model;
        return new AudioCall(Target(UpstreamOperation.Speech, model, $"?model={Uri.EscapeDataString(model)}&{format}"), AudioJson.Content(w => w.WriteString("text", request.Input)));
    }

    public AudioCall? MapTranscription(TranscriptionRequest request, out string problem)
    {
        problem = "";
        var content = new ReadOnlyMemoryContent(request.Audio);
        content.Headers.ContentType = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type : null;
        var language = request.Language is { } named ? "&language=" + Uri.EscapeDataString(named) : "&detect_language=true";
        return new AudioCall(Target(UpstreamOperation.Transcription, request.Model, $"?model={Uri.EscapeDataString(request.Model)}&smart_format=true{language}"), content);
    }

    public Transcript? ReadTranscript(ReadOnlyMemory<byte> body)
    {
        if (AudioJson.Parse(body) is not { } answer || !answer.TryGetProperty("results", out var results))
        {
            return null;
        }

        var channel = AudioJson.Items(results, "channels").FirstOrDefault();
        var best = AudioJson.Items(channel, "alternatives").FirstOrDefault();
        if (AudioJson.Text(best, "transcript") is not { } text)
        {
            return null;
        }

        List<TranscriptWord> words =
        [
            .. AudioJson.Items(best, "words").Select(static w => new TranscriptWord(
                AudioJson.Text(w, "punctuated_word") ?? AudioJson.Text(w, "word") ?? "", AudioJson.Number(w, "start") ?? 0, AudioJson.Number(w, "end") ?? 0)),
        ];
        var seconds = answer.TryGetProperty("metadata", out var metadata) ? AudioJson.Number(metadata, "duration") : null;
        return new Transcript(text, AudioJson.Text(channel, "detected_language"), seconds, words);
    }

    private static UpstreamTarget Target(UpstreamOperation operation, string model, string query) => new(operation, DialectId.OpenAIChat, model, false) { Suffix = query };
}
