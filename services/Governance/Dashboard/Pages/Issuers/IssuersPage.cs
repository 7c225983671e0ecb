using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Pages.Entities;

namespace Gateway.Dashboard.Pages.Issuers;

/// <summary>Whose JWTs open the model API in place of a virtual key.</summary>
public sealed class IssuersPage : EntitiesPage
{
    private static readonly Entity _issuers = new()
    {
        Kind = "issuer", Segment = "issuers", Noun = "issuer", Title = "JWT issuers", Icon = "user",
        About = "Callers may send a JWT of these issuers where others send a virtual key. They have the policies, limits and budgets of the key that the issuer names.",
        Columns =
        [
            new("Issuer", i => new Cell(i["name"].TextOr(i["id"].Text)) { Sub = i["id"].Text }),
            new("Its tokens say", i => new Cell(i["issuer"].Text) { Wrap = true }),
            new("Audiences", i => Cell.Many(i["audiences"], "")),
            new("Callers have the key", i => new Cell(i["keyId"].TextOr("–")) { Sub = i["keys"].Count switch { 0 => "", 1 => "1 rule goes before", var n => $"{n} rules go before" } }),
            new("Team from", i => i["teamClaim"].TextOr("the key")),
            new("State", Cell.Enabled),
        ],
        Fields =
        [
            new("id", "Id") { OnlyNew = true, Hint = "Empty: one is made." },
            new("name", "Name") { Required = true, Placeholder = "Company login" },
            new("issuer", "Issuer") { Required = true, Placeholder = "https://login.example.com/", Hint = "The iss of its tokens, to the letter." },
            new("audiences", "Audiences") { Form = FieldForm.List, Required = true, Hint = "A token must name one of them." },
            new("keyId", "Virtual key") { Of = ("keys", "key"), Hint = "Whose policies callers have whom no rule fits. Empty: they are refused." },
            new("jwksUrl", "Where its keys are") { Hint = "Empty: as its discovery document says." },
            new("userClaim", "Claim of the user") { Placeholder = "sub" },
            new("teamClaim", "Claim of the team") { Hint = "Empty: the key's team." },
            new("customerClaim", "Claim of the customer") { Hint = "Empty: the key's or team's customer." },
            new("tagsClaim", "Claim of the tags") { Hint = "Empty: the key's tags only." },
            new("clockSkewSeconds", "Seconds that its clock may be off") { Form = FieldForm.Number, Initial = "60" },
            new("enabled", "Enabled") { Form = FieldForm.Flag, Initial = "true", Hint = "Off refuses its tokens." },
            new("keys", "Virtual keys by claim") { Form = FieldForm.Json, Placeholder = "[{\"claim\": \"groups\", \"value\": \"research\", \"keyId\": \"…\"}]" },
            new("requiredClaims", "Claims that a token must have") { Form = FieldForm.Json, Placeholder = "[{\"claim\": \"email_verified\", \"values\": [\"true\"]}]" },
            new("teams", "Teams by value of the claim") { Form = FieldForm.Json, Placeholder = "{\"R&D\": \"research\"}" },
        ],
    };

    public override string Pattern => "issuers";

    public override string Title => "JWT issuers";

    public override NavGroup Group => NavGroup.Access;

    public override string Icon => "user";

    public override IReadOnlyList<Entity> Entities { get; } = [_issuers];
}
