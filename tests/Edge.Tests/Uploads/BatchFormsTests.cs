using FsCheck;
using FsCheck.Fluent;
using Gateway.Edge.Uploads;

namespace Gateway.Edge.Tests.Uploads;

public sealed class BatchFormsTests
{
    [Fact]
    public void What_is_kept_at_the_provider_is_read_as_it_was_written() =>
        Prop.ForAll<long[]>(static numbers =>
        {
            var n = numbers.Concat(new long[7]).Select(static v => Math.Abs(v % 1_000_000_000_000)).ToArray();
            var bound = new BatchBound(n[0], n[1], n[2], n[3], n[4]);
            var hold = new BatchHold(n[5], n[5] == 0 ? 0 : n[6], n[5] == 0 ? "" : "abcdefgh12-_5678");
            return BatchBound.TryParse(bound.ToString(), out var readBound) && readBound == bound && BatchHold.TryParse(hold.ToString(), out var readHold) && readHold == hold;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("1_2_3_4")]
    [InlineData("1_2_3_4_5_6")]
    [InlineData("1_2_-3_4_5")]
    [InlineData("1_2_x_4_5")]
    public void A_bound_of_another_form_is_none(string text) => Assert.False(BatchBound.TryParse(text, out _));

    [Theory]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("-1.2.x")]
    public void A_charge_of_another_form_is_none(string text) => Assert.False(BatchHold.TryParse(text, out _));
}
