using Gateway.Contracts.Configuration;
using Gateway.Tokens;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>jwtIssuers</c>.</summary>
internal static class JwtIssuerSection
{
    public static List<JwtIssuerEntry> Read(SectionReader root, BuildContext context, IReadOnlyList<VirtualKeyEntry> keys, IReadOnlyList<TeamEntry> teams)
    {
        var issuers = new List<JwtIssuerEntry>();
        foreach (var (id, section) in root.Map("jwtIssuers"))
        {
            Names.CheckId(context, id);
            var key = section.Text("key");
            if (key is not null)
            {
                References.Check(context, key, "key", "keys", keys.Select(static k => k.Id));
            }

            var audiences = section.Texts("audiences");
            if (audiences.Count == 0)
            {
                context.Error(section.Path, section.Place, "An issuer needs 'audiences': a token for another service must not open this one.");
            }

            var mapped = section.TextMap("teams");
            foreach (var (_, team) in mapped)
            {
                References.Check(context, team, "team", "teams", teams.Select(static t => t.Id));
            }

            issuers.Add(new JwtIssuerEntry
            {
                Id = id.Text,
                Name = Names.Display(context, section, id),
                Enabled = section.Flag("enabled"),
                Issuer = Address(section, context, "issuer") ?? "",
                Audiences = [.. audiences.Select(static a => a.Text)],
                JwksUrl = Address(section, context, "jwksUrl"),
                ClockSkewSeconds = section.Int("clockSkewSeconds"),
                RequiredClaims = [.. section.TextMap("requiredClaims").Select(static c => new JwtClaim(c.Name.Text, c.Value.Text == "*" ? [] : [c.Value.Text]))],
                KeyId = key?.Text,
                UserClaim = section.Text("userClaim")?.Text ?? section.DefaultOf("userClaim"),
                TeamClaim = section.Text("teamClaim")?.Text,
                Teams = mapped.GroupBy(static t => t.Name.Text, StringComparer.Ordinal).ToDictionary(static t => t.Key, static t => t.First().Value.Text, StringComparer.Ordinal),
                CustomerClaim = section.Text("customerClaim")?.Text,
                TagsClaim = section.Text("tagsClaim")?.Text,
            });
        }

        return issuers;
    }

    private static string? Address(SectionReader section, BuildContext context, string name)
    {
        if (section.Text(name) is not { } text)
        {
            return null;
        }

        if (!Uri.TryCreate(text.Text, UriKind.Absolute, out var address) || !IssuerMetadata.IsSafe(address))
        {
            context.Error(text, $"'{text.Text}' is no https address (http on this machine only).");
        }

        return text.Text;
    }
}
