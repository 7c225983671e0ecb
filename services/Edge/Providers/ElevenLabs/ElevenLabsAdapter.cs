using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.ElevenLabs;

/// <summary>ElevenLabs: speech and transcription; what OpenAI's requests for them become is in <see cref="ElevenLabsAudio"/>.</summary>
internal sealed class ElevenLabsAdapter(ProviderEntry entry) : ProviderAdapter(entry)
{
    public override DialectId? ChatDialect(DialectId caller, string model) => null;

    public override Uri? Address(in UpstreamTarget target) => target.Operation switch
    {
        UpstreamOperation.Speech => new Uri(Root + "/v1/text-to-speech" + target.Suffix, UriKind.Absolute),
        UpstreamOperation.Transcription => new Uri(Root + "/v1/speech-to-text" + target.Suffix, UriKind.Absolute),
        UpstreamOperation.Models => new Uri(Root + "/v1/models" + target.Suffix, UriKind.Absolute),
        _ => null,
    };
}
