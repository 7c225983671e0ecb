using System.Globalization;
using System.Text.Json;

namespace Gateway.CloudAuth;

/// <summary>Reads what OAuth token endpoints answer; all clouds use the same form with small differences.</summary>
internal static class OAuthTokens
{
    /// <summary>The token of an answer, or what is wrong with it.</summary>
    /// <param name="who">Who answered, for the message.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="time">The clock that lifetimes are counted from.</param>
    public static TokenResult<string> Read(string who, in TokenAnswer answer, TimeProvider time)
    {
        if (answer.IsSuccess
            && answer.Object() is { } body
            && body.TryGetProperty("access_token", out var token)
            && token.ValueKind == JsonValueKind.String
            && token.GetString() is { Length: > 0 } text
            && !text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            var now = time.GetUtcNow();
            return TokenResult<string>.Of(text, now + Lifetime(body, now));
        }

        var problem = TokenHttp.Describe(who, answer);
        // 400, 401 and 403 say that this credential is refused; anything else may pass.
        return answer.Status is 400 or 401 or 403 ? TokenResult<string>.Refused(problem) : TokenResult<string>.Unavailable(problem);
    }

    private static TimeSpan Lifetime(JsonElement body, DateTimeOffset now)
    {
        var seconds = Number(body, "expires_in");
        if (seconds <= 0 && Number(body, "expires_on") is > 0 and var end)
        {
            seconds = end - now.ToUnixTimeSeconds();
        }

        return TimeSpan.FromSeconds(seconds > 0 ? Math.Min(seconds, 86_400) : 300);
    }

    // Azure's metadata service writes numbers as texts.
    private static double Number(JsonElement body, string name)
    {
        double number = 0;
        if (body.TryGetProperty(name, out var value))
        {
            _ = value.ValueKind switch
            {
                JsonValueKind.Number => value.TryGetDouble(out number),
                JsonValueKind.String => double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number),
                _ => false,
            };
        }

        return double.IsFinite(number) ? number : 0;
    }
}
