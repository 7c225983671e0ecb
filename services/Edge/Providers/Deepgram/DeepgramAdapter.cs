using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Deepgram;

/// <summary>Deepgram: speech and transcription; what OpenAI's requests for them become is in <see cref="DeepgramAudio"/>.</summary>
internal sealed class DeepgramAdapter(ProviderEntry entry) : ProviderAdapter(entry)
{
    public override DialectId? ChatDialect(DialectId caller, string model) => null;

    public override Uri? Address(in UpstreamTarget target) => target.Operation switch
    {
        UpstreamOperation.Speech => new Uri(Root + "/v1/speak" + target.Suffix, UriKind.Absolute),
        UpstreamOperation.Transcription => new Uri(Root + "/v1/listen" + target.Suffix, UriKind.Absolute),
        UpstreamOperation.Models => new Uri(Root + "/v1/models" + target.Suffix, UriKind.Absolute),
        _ => null,
    };
}
