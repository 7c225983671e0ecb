using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Tests;

/// <summary>Names of organisations, places and streets that no list has.</summary>
public sealed class PiiNameTests
{
    private static readonly CompiledPolicy _policy = PolicyCompiler.Compile(new GuardrailPolicyEntry
    {
        Id = "p",
        Rules = [new GuardrailRuleEntry { Detector = "pii", Kinds = ["person", "organization", "location", "address", "phone"] }],
    }).Policy!;

    [Theory]
    [InlineData("Please forward it to Holt, Myers and Reed by Friday.", "organization", "Holt, Myers and Reed")]
    [InlineData("She joined Northbrook Data Services last year.", "organization", "Northbrook Data Services")]
    [InlineData("The address of Open Map Nation is not known to us.", "organization", "Open Map Nation")]
    [InlineData("During the war Obrantix invested in new ships.", "organization", "Obrantix")]
    [InlineData("They sold it to Qualdo Energy Inc., Quantly and Buildworx in spring.", "organization", "Quantly")]
    [InlineData("The album recorded for Garcia-Smith was a success.", "organization", "Garcia-Smith")]
    [InlineData("My friend lives in Berlin Spandau now.", "location", "Berlin Spandau")]
    [InlineData("He grew up in Frankfurt am Main with us.", "location", "Frankfurt am Main")]
    [InlineData("Where: SAINT-PRIEST", "location", "SAINT-PRIEST")]
    [InlineData("Ship it to Suite 574 34 Elm Road, Dallas, TX 48486.", "address", "Suite 574 34 Elm Road, Dallas, TX 48486")]
    [InlineData("61 51 81 office", "phone", "61 51 81")]
    public void Names_are_found_whole(string text, string kind, string name)
    {
        var found = GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], _policy).Findings;

        Assert.Contains((kind, name), found.Select(f => (f.Kind, text.Substring(f.Start, f.Length))));
    }

    [Theory]
    [InlineData("Tom, Dick and Harry came along.")]
    [InlineData("We read by the light of the Moon and slept.")]
    [InlineData("The Quick Start guide is for new users.")]
    [InlineData("However, rain and wind went on.")]
    [InlineData("Zoolander is a 2001 comedy.")]
    [InlineData("We thank our founders: Holt, Myers and Reed.")]
    [InlineData("Jane Roe\nRegional Manager\n")]
    public void Ordinary_words_and_persons_are_no_organisation(string text) =>
        Assert.DoesNotContain(GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], _policy).Findings, static f => f.Kind == "organization");
}
