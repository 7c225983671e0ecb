using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers.Deepgram;
using Gateway.Edge.Providers.ElevenLabs;

namespace Gateway.Edge.Providers.Audio;

/// <summary>The mapping of each kind of provider whose audio API is not OpenAI's.</summary>
internal static class AudioMappings
{
    /// <summary>The mapping, or null where OpenAI's own requests are understood.</summary>
    public static IAudioMapping? Of(ProviderKind kind) => kind switch
    {
        ProviderKind.ElevenLabs => ElevenLabsAudio.Instance,
        ProviderKind.Deepgram => DeepgramAudio.Instance,
        _ => null,
    };
}
