using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers;
using Gateway.Edge.Providers.Audio;

namespace Gateway.Edge.Tests.Providers;

public sealed class AudioMappingTests
{
    private static readonly TranscriptionRequest _recording = new() { Model = "m", Audio = "RIFF"u8.ToArray(), FileName = "a.wav", ContentType = "audio/wav", Language = "en" };

    [Theory]
    [InlineData(ProviderKind.ElevenLabs, "mp3", "https://api.elevenlabs.io/v1/text-to-speech/v%201?output_format=mp3_44100_128", """{"text":"hi","model_id":"m"}""")]
    [InlineData(ProviderKind.ElevenLabs, "pcm", "https://api.elevenlabs.io/v1/text-to-speech/v%201?output_format=pcm_24000", """{"text":"hi","model_id":"m"}""")]
    [InlineData(ProviderKind.Deepgram, "mp3", "https://api.deepgram.com/v1/speak?model=m&encoding=mp3", """{"text":"hi"}""")]
    [InlineData(ProviderKind.Deepgram, "wav", "https://api.deepgram.com/v1/speak?model=m&encoding=linear16&container=wav", """{"text":"hi"}""")]
    public async Task Speech(ProviderKind kind, string format, string address, string body)
    {
        var call = AudioMappings.Of(kind)!.MapSpeech(new SpeechRequest { Model = "m", Input = "hi", Voice = "v 1", Format = format }, out var problem);

        Assert.NotNull(call);
        Assert.Empty(problem);
        Assert.Equal(address, Address(kind, call.Target));
        Assert.Equal(body, await call.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("application/json", call.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData(ProviderKind.ElevenLabs, "flac", "v", null, "no audio format 'flac'")]
    [InlineData(ProviderKind.ElevenLabs, "mp3", "", null, "'voice' must be")]
    [InlineData(ProviderKind.Deepgram, "mp3", "v", 2.0, "cannot change the speed")]
    [InlineData(ProviderKind.Deepgram, "x", "v", null, "Legal: mp3, opus, aac, flac, wav, pcm.")]
    public void What_cannot_be_said_is_told(ProviderKind kind, string format, string voice, double? speed, string reason)
    {
        Assert.Null(AudioMappings.Of(kind)!.MapSpeech(new SpeechRequest { Model = "m", Input = "hi", Voice = voice, Format = format, Speed = speed }, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elevenlabs_takes_a_recording_as_a_form()
    {
        var call = AudioMappings.Of(ProviderKind.ElevenLabs)!.MapTranscription(_recording, out _)!;

        Assert.Equal("https://api.elevenlabs.io/v1/speech-to-text", Address(ProviderKind.ElevenLabs, call.Target));
        var form = Encoding.UTF8.GetString(await call.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        foreach (var part in (string[])["name=model_id\r\n\r\nm\r\n", "name=language_code\r\n\r\nen\r\n", "name=file; filename=a.wav", "Content-Type: audio/wav\r\n", "\r\n\r\nRIFF\r\n"])
        {
            Assert.Contains(part, form, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Deepgram_takes_a_recording_as_it_is()
    {
        var call = AudioMappings.Of(ProviderKind.Deepgram)!.MapTranscription(_recording, out _)!;

        Assert.Equal("https://api.deepgram.com/v1/listen?model=m&smart_format=true&language=en", Address(ProviderKind.Deepgram, call.Target));
        Assert.Equal(("audio/wav", "RIFF"), (call.Content.Headers.ContentType!.MediaType, await call.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData(ProviderKind.ElevenLabs, "elevenlabs", "Hello from the Vercel AI SDK.", 6, "eng")]
    [InlineData(ProviderKind.Deepgram, "deepgram", "galileo was an american robotic space program", 89, "en")]
    public void Recorded_transcriptions_are_read(ProviderKind kind, string name, string begin, int words, string? language)
    {
        var file = Path.Combine(SourceTree.SharedData, $"recorded/vercel-ai/packages/{name}/src/__fixtures__/{name}-transcription.json");
        Assert.SkipUnless(File.Exists(file), $"{file} is not there");

        var transcript = AudioMappings.Of(kind)!.ReadTranscript(File.ReadAllBytes(file));

        Assert.NotNull(transcript);
        Assert.StartsWith(begin, transcript.Text, StringComparison.Ordinal);
        Assert.Equal((words, language), (transcript.Words.Count, transcript.Language));
        Assert.True(transcript.Seconds > transcript.Words[^1].Start);
        Assert.Equal(transcript.Text.Split(' '), transcript.Words.Select(static w => w.Text));
    }

    [Theory]
    [InlineData("""{"text":5}""")]
    [InlineData("""{"results":{"channels":[]}}""")]
    [InlineData("""{"results":[]}""")]
    [InlineData("[]")]
    [InlineData("no json")]
    public void What_is_no_transcription_is_none(string body)
    {
        Assert.Null(AudioMappings.Of(ProviderKind.ElevenLabs)!.ReadTranscript(Encoding.UTF8.GetBytes(body)));
        Assert.Null(AudioMappings.Of(ProviderKind.Deepgram)!.ReadTranscript(Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void A_transcript_is_written_in_every_format()
    {
        var transcript = new Transcript("Hello you.", "en", 61.5, [new("Hello", 0.25, 1), new("you.", 3599.9996, 3601.0004)]);

        Assert.Equal("""{"text":"Hello you."}""", Text("json"));
        Assert.Equal("Hello you.\n", Text("text"));
        Assert.Equal("1\n00:00:00,250 --> 01:00:01,000\nHello you.\n\n", Text("srt"));
        Assert.Equal("WEBVTT\n\n1\n00:00:00.250 --> 01:00:01.000\nHello you.\n\n", Text("vtt"));
        var verbose = JsonNode.Parse(Text("verbose_json"))!;
        Assert.Equal(("transcribe", "en", 61.5, "Hello"), (verbose["task"]!.ToString(), verbose["language"]!.ToString(), verbose["duration"]!.GetValue<double>(), verbose["words"]![0]!["word"]!.ToString()));
        Assert.Null(TranscriptWriter.ContentType("mp3"));

        string Text(string format)
        {
            Assert.NotNull(TranscriptWriter.ContentType(format));
            return Encoding.UTF8.GetString(TranscriptWriter.Write(transcript, format, words: true));
        }
    }

    private static string Address(ProviderKind kind, UpstreamTarget target) =>
        ProviderAdapters.Create(ProviderDefaults.Fill(new ProviderEntry { Id = "p", Kind = kind }, [], static _ => null)).Address(target)!.AbsoluteUri;
}
