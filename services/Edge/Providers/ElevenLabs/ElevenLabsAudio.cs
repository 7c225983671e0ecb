using System.Globalization;
using System.Net.Http.Headers;
using Gateway.Dialects.Chat;
using Gateway.Edge.Providers.Audio;

namespace Gateway.Edge.Providers.ElevenLabs;

/// <summary>OpenAI's audio requests as ElevenLabs takes them: the voice in the path, the format in the query; transcriptions as a form.</summary>
internal sealed class ElevenLabsAudio : IAudioMapping
{
    public static readonly ElevenLabsAudio Instance = new();

    public AudioCall? MapSpeech(SpeechRequest request, out string problem)
    {
        var format = request.Format switch
        {
            "mp3" => "mp3_44100_128",
            "opus" => "opus_48000_128",
            "pcm" => "pcm_24000",
            "wav" => "wav_44100",
            _ => null,
        };
        problem = format is null ? $"ElevenLabs has no audio format '{request.Format}'. Legal: mp3, opus, pcm, wav."
            : request.Voice.Length == 0 ? "'voice' must be the id of an ElevenLabs voice."
            : "";
        if (problem.Length > 0)
        {
            return null;
        }

        var content = AudioJson.Content(w =>
        {
            w.WriteString("text", request.Input);
            w.WriteString("model_id", request.Model);
            if (request.Speed is { } speed)
            {
                w.WriteStartObject("voice_settings");
                w.WriteNumber("speed", speed);
                w.WriteEndObject();
            }
        });
        var target = new UpstreamTarget(UpstreamOperation.Speech, DialectId.OpenAIChat, request.Model, false)
        {
            Suffix = $"/{Uri.EscapeDataString(request.Voice)}?output_format={format}",
        };
        return new AudioCall(target, content);
    }

    public AudioCall? MapTranscription(TranscriptionRequest request, out string problem)
    {
        problem = "";
        var file = new ReadOnlyMemoryContent(request.Audio);
        file.Headers.ContentType = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type : null;
        var form = new MultipartFormDataContent { { new StringContent(request.Model), "model_id" }, { new StringContent("word"), "timestamps_granularity" } };
        if (request.Language is { } language)
        {
            form.Add(new StringContent(language), "language_code");
        }

        if (request.Temperature is { } temperature)
        {
            form.Add(new StringContent(temperature.ToString(CultureInfo.InvariantCulture)), "temperature");
        }

        form.Add(file, "file", request.FileName);
        return new AudioCall(new UpstreamTarget(UpstreamOperation.Transcription, DialectId.OpenAIChat, request.Model, false), form);
    }

    public Transcript? ReadTranscript(ReadOnlyMemory<byte> body)
    {
        if (AudioJson.Parse(body) is not { } answer || AudioJson.Text(answer, "text") is not { } text)
        {
            return null;
        }

        // Blanks and sounds are listed between the words.
        List<TranscriptWord> words =
        [
            .. AudioJson.Items(answer, "words")
                .Where(static w => AudioJson.Text(w, "type") is null or "word")
                .Select(static w => new TranscriptWord(AudioJson.Text(w, "text") ?? "", AudioJson.Number(w, "start") ?? 0, AudioJson.Number(w, "end") ?? 0)),
        ];
        return new Transcript(text, AudioJson.Text(answer, "language_code"), AudioJson.Number(answer, "audio_duration_secs") ?? (words.Count > 0 ? words[^1].End : null), words);
    }
}
