using Gateway.Governance.Storage;

namespace Gateway.Governance.Access.Login;

/// <summary>How browsers are dealt with that have logged in, by an issuer or by a key.</summary>
internal sealed record BrowserOptions
{
    /// <summary>Where browsers reach the gateway.</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary>After this long a session ends, used or not.</summary>
    public TimeSpan SessionLife { get; init; } = TimeSpan.FromHours(12);

    /// <summary>After this long without a call a session ends.</summary>
    public TimeSpan IdleLife { get; init; } = TimeSpan.FromHours(1);

    public bool IsHttps => PublicUrl.Scheme == Uri.UriSchemeHttps;

    /// <exception cref="StartupException">A value is not legal.</exception>
    public static BrowserOptions From(IConfiguration configuration)
    {
        var port = configuration["Gateway:Port"] is { Length: > 0 } given ? given : "8080";
        var url = configuration["Gateway:PublicUrl"] is { Length: > 0 } set ? set : $"http://localhost:{port}";
        return Uri.TryCreate(url, UriKind.Absolute, out var shown) && shown.Scheme is "http" or "https"
            ? new BrowserOptions
            {
                PublicUrl = shown,
                SessionLife = TimeSpan.FromMinutes(Minutes(configuration, "SessionMinutes", 12 * 60)),
                IdleLife = TimeSpan.FromMinutes(Minutes(configuration, "IdleMinutes", 60)),
            }
            : throw new StartupException($"Gateway:PublicUrl is '{url}'; it must be the http or https address at which browsers reach the gateway.");
    }

    private static int Minutes(IConfiguration configuration, string name, int fallback) => configuration["Gateway:Oidc:" + name] switch
    {
        null or "" => fallback,
        var text when int.TryParse(text, out var minutes) && minutes is >= 1 and <= 43_200 => minutes,
        var text => throw new StartupException($"Gateway:Oidc:{name} is '{text}'; legal are whole numbers from 1 to 43200."),
    };
}
