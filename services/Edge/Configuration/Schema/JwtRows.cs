namespace Gateway.Edge.Configuration.Schema;

/// <summary>The rows of <c>jwtIssuers</c>.</summary>
internal static class JwtRows
{
    private const string Claim = "name of a claim; with dots also the way into objects";
    private const string Address = "an https address (http on this machine only)";

    public static IEnumerable<Setting> All { get; } =
    [
        new("jwtIssuers", SettingType.Map, "Issuers of JWTs by id: who holds a token of theirs may call instead of with a key of his own."),
        new("jwtIssuers.<id>", SettingType.Section, "An issuer of JWTs."),
        new("jwtIssuers.<id>.name", SettingType.Text, "Display name. Absent: the id.") { Form = "text of at most 200 characters" },
        new("jwtIssuers.<id>.enabled", SettingType.Flag, "false refuses its tokens.") { Default = "true" },
        new("jwtIssuers.<id>.issuer", SettingType.Text, "The `iss` of its tokens, to the letter.") { Form = Address, Required = true },
        new("jwtIssuers.<id>.audiences", SettingType.TextList, "Audiences of which a token must name one. At least one.") { Form = "texts" },
        new("jwtIssuers.<id>.jwksUrl", SettingType.Text, "Where its keys are. Absent: as its discovery document says.") { Form = Address },
        new("jwtIssuers.<id>.clockSkewSeconds", SettingType.Integer, "How far its clock may be off.") { Min = 0, Max = 600, Default = "60" },
        new("jwtIssuers.<id>.requiredClaims", SettingType.TextMap, "Claims that a token must have, each with a value it must be or hold; `*` for any.") { Form = "texts" },
        new("jwtIssuers.<id>.key", SettingType.Text, "The virtual key whose policies callers have: models, limits, budgets.") { Form = "the id of one of `keys`", Required = true },
        new("jwtIssuers.<id>.userClaim", SettingType.Text, "The claim that names the user.") { Form = Claim, Default = "sub" },
        new("jwtIssuers.<id>.teamClaim", SettingType.Text, "The claim that names the team; a token without a known one is refused. Absent: the key's team.") { Form = Claim },
        new("jwtIssuers.<id>.teams", SettingType.TextMap, "Teams by value of `teamClaim`. Absent: the value is the team's id.") { Form = "ids of `teams`" },
        new("jwtIssuers.<id>.customerClaim", SettingType.Text, "The claim that names the customer by its id. Absent: the key's or team's customer.") { Form = Claim },
        new("jwtIssuers.<id>.tagsClaim", SettingType.Text, "The claim whose values become tags of the request. Absent: none do.") { Form = Claim },
    ];
}
