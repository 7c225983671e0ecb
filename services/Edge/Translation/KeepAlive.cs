using System.Buffers;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Translation;

/// <summary>How long a translated stream may say nothing to its caller while its provider goes on.</summary>
/// <param name="Silence">After so long the next event of the provider that means nothing to the caller becomes a sign of life.</param>
internal sealed record KeepAliveSettings(TimeSpan Silence)
{
    public static KeepAliveSettings Default { get; } = new(TimeSpan.FromSeconds(5));
}

/// <summary>
/// Keeps callers of a translated stream waiting while the provider sends nothing but pings, comments, or thinking that is not shown: signs of life in the caller's own
/// dialect. Without them clients and proxies would give up on the silence.
/// </summary>
internal sealed class KeepAlive(DialectId caller, bool isArray, KeepAliveSettings settings, TimeProvider time)
{
    private long _last = time.GetTimestamp();

    /// <summary>Tells that the caller was sent something.</summary>
    public void Wrote() => _last = time.GetTimestamp();

    /// <summary>Tells that an event of the provider gave nothing to send; writes a sign of life when the silence has been long.</summary>
    public void Silent(IBufferWriter<byte> output)
    {
        // Event streams and JSON arrays have no form for it.
        if (isArray || caller == DialectId.BedrockConverse || time.GetElapsedTime(_last) < settings.Silence)
        {
            return;
        }

        output.Write(caller == DialectId.Anthropic ? "event: ping\ndata: {\"type\": \"ping\"}\n\n"u8 : ": keep-alive\n\n"u8);
        Wrote();
    }
}
