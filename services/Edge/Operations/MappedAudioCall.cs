using System.Globalization;
using System.Text;
using Gateway.Contracts.Usage;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Providers.Audio;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Operations;

/// <summary>OpenAI's speech and transcriptions of a provider with an audio form of its own.</summary>
internal sealed class MappedAudioCall : OperationCall
{
    private readonly AudioCall _call;
    private readonly IAudioMapping _mapping;
    private readonly string _format;
    private readonly bool _words;

    private MappedAudioCall(AudioCall call, IAudioMapping mapping, UsageUnits units, string format, bool words)
        : base(call.Target)
    {
        (_call, _mapping, _format, _words) = (call, mapping, format, words);
        Units = units;
    }

    public override bool IsForeign => true;

    public static UpstreamFault? TryBegin(RequestContext context, DeploymentRuntime deployment, IAudioMapping mapping, out OperationCall? call)
    {
        call = null;
        return context.Operation.Upstream switch
        {
            UpstreamOperation.Speech => TrySpeech(context, deployment, mapping, out call),
            UpstreamOperation.Transcription => TryTranscription(context, deployment, mapping, out call),
            _ => OperationCalls.NotServed(context, deployment),
        };
    }

    public override HttpContent Content() => _call.Content;

    public override OperationAnswer? Read(ReadOnlyMemory<byte> body, string mediaType)
    {
        if (_mapping.ReadTranscript(body) is not { } transcript)
        {
            return null;
        }

        return new OperationAnswer
        {
            Body = TranscriptWriter.Write(transcript, _format, _words),
            ContentType = TranscriptWriter.ContentType(_format)!,
            Units = transcript.Seconds is >= 0 and < 1e7 and var seconds ? new UsageUnits { AudioMilliseconds = (long)Math.Ceiling(seconds * 1_000) } : Units,
            OutputTextBytes = Encoding.UTF8.GetByteCount(transcript.Text),
        };
    }

    private static UpstreamFault? TrySpeech(RequestContext context, DeploymentRuntime deployment, IAudioMapping mapping, out OperationCall? call)
    {
        call = null;
        var body = AudioJson.Parse(context.Body.Memory);
        if (body is not { } json || AudioJson.Text(json, "input") is not { Length: > 0 } input)
        {
            return OperationCalls.Refuse(GatewayError.ValueInvalid, "'input' must be the text to be spoken.", "input");
        }

        if (AudioJson.Text(json, "stream_format") is "sse")
        {
            return OperationCalls.Refuse(GatewayError.RequestUnsupported, $"The provider '{deployment.Provider.Id}' sends sound only, not events: leave 'stream_format' out.", "stream_format");
        }

        var request = new SpeechRequest
        {
            Model = context.ModelFor(deployment),
            Input = input,
            Voice = AudioJson.Text(json, "voice") ?? "",
            Format = AudioJson.Text(json, "response_format") ?? "mp3",
            Speed = AudioJson.Number(json, "speed"),
        };
        if (mapping.MapSpeech(request, out var problem) is not { } mapped)
        {
            return OperationCalls.Refuse(GatewayError.RequestUnsupported, problem, null);
        }

        call = new MappedAudioCall(mapped, mapping, new UsageUnits { Characters = SpokenText.Length(context.Body.Span) }, "", false);
        if (AudioJson.Text(json, "instructions") is not null)
        {
            call.Drops.Add("instructions");
        }

        return null;
    }

    private static UpstreamFault? TryTranscription(RequestContext context, DeploymentRuntime deployment, IAudioMapping mapping, out OperationCall? call)
    {
        call = null;
        var form = new FormText(context);
        if (form.File("file") is not { Length: > 0 } file)
        {
            return OperationCalls.Refuse(GatewayError.ValueInvalid, "'file' must be a recording.", "file");
        }

        var format = form.Text("response_format") ?? "json";
        if (TranscriptWriter.ContentType(format) is null)
        {
            return OperationCalls.Refuse(GatewayError.ValueInvalid, $"'response_format' must be json, verbose_json, text, srt or vtt for the model '{context.ModelName}'.", "response_format");
        }

        var request = new TranscriptionRequest
        {
            Model = context.ModelFor(deployment),
            // A copy: the body's own buffer is given back while a request that was broken off may still be sent.
            Audio = context.Body.Memory.Slice(file.Start, file.Length).ToArray(),
            FileName = file.FileName is { Length: > 0 } name ? name : "audio",
            ContentType = file.ContentType ?? "application/octet-stream",
            Language = form.Text("language"),
            Temperature = double.TryParse(form.Text("temperature"), CultureInfo.InvariantCulture, out var temperature) ? temperature : null,
        };
        if (mapping.MapTranscription(request, out var problem) is not { } mapped)
        {
            return OperationCalls.Refuse(GatewayError.RequestUnsupported, problem, null);
        }

        call = new MappedAudioCall(mapped, mapping, new UsageUnits { AudioMilliseconds = Recordings.Milliseconds(context) }, format, form.Texts("timestamp_granularities").Contains("word"));
        foreach (var other in form.Names.Where(static n => n is not ("file" or "model" or "response_format" or "language" or "temperature" or "timestamp_granularities" or "stream")))
        {
            call.Drops.Add(other);
        }

        return null;
    }
}
