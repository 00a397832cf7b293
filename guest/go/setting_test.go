package oslo

import (
	"context"
	"errors"
	"testing"
	"time"

	wit "oslo.messaging/bindings/oslo_messaging_types"
)

func TestSettingsHaveThreeStates(t *testing.T) {
	list, err := lowerSettings([]Setting{
		Timeout(time.Second), NoTimeout(), Timeout(-1), Retry(0), NoServer(), Server(""), Fanout(false),
	})
	if err != nil || len(list) != 7 {
		t.Fatal(list, err)
	}
	if list[0].Timeout().Some() != 1_000_000_000 || list[1].Timeout().IsSome() {
		t.Error("a timeout, and none")
	}
	if list[2].Timeout().Some() != 0 {
		t.Error("there is no time before now")
	}
	if list[3].Retry().Some() != 0 || list[6].Fanout().Some() {
		t.Error("zero is given")
	}
	if list[4].Server().IsSome() || list[5].Server().Some() != "" {
		t.Error("no server, and one without a name")
	}
}

func TestEverySettingIsItself(t *testing.T) {
	for tag, pair := range [][2]Setting{
		wit.SettingExchange:           {Exchange(""), NoExchange()},
		wit.SettingTopic:              {Topic(""), NoTopic()},
		wit.SettingNamespace:          {Namespace(""), NoNamespace()},
		wit.SettingVersion:            {Version(""), NoVersion()},
		wit.SettingServer:             {Server(""), NoServer()},
		wit.SettingFanout:             {Fanout(true), NoFanout()},
		wit.SettingTimeout:            {Timeout(0), NoTimeout()},
		wit.SettingVersionCap:         {VersionCap(""), NoVersionCap()},
		wit.SettingRetry:              {Retry(1), NoRetry()},
		wit.SettingCallMonitorTimeout: {CallMonitorTimeout(0), NoCallMonitorTimeout()},
		wit.SettingAtLeastOnce:        {AtLeastOnce(true), NoAtLeastOnce()},
	} {
		for _, setting := range pair {
			if raw, err := setting.lower(); err != nil || int(raw.Tag()) != tag {
				t.Errorf("%v became %d: %v", setting, raw.Tag(), err)
			}
		}
	}
}

func TestASettingIsMadeByAFunction(t *testing.T) {
	for _, setting := range []Setting{{}, VersionCap("\xff")} {
		_, err := lowerSettings([]Setting{setting})
		if _, ok := errors.AsType[*InvalidArgumentError](err); !ok {
			t.Errorf("%v: %v", setting, err)
		}
	}
}

func TestTargets(t *testing.T) {
	raw, err := Target{Topic: "demo", Fanout: true}.lower()
	if err != nil || raw.Topic.Some() != "demo" || !raw.Fanout || raw.Version.IsSome() {
		t.Error(raw, err)
	}
	_, err = Target{Server: "\xff"}.lower()
	if invalid, ok := errors.AsType[*InvalidArgumentError](err); !ok || invalid.Argument != "server" {
		t.Error(err)
	}
}

func TestADeadlineOnlyShortens(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, test := range []struct {
		opened, prepared []Setting
		want             int
	}{
		{nil, nil, 1},
		{[]Setting{Timeout(time.Second)}, nil, 0},
		{[]Setting{Timeout(time.Hour)}, nil, 1},
		{[]Setting{Timeout(time.Second)}, []Setting{NoTimeout()}, 2},
		{[]Setting{Timeout(time.Hour)}, []Setting{Timeout(time.Second)}, 1},
		{nil, []Setting{Timeout(time.Second), Timeout(time.Hour)}, 3},
	} {
		limit := limit{}.with(test.opened).with(test.prepared)
		if got := limit.shorten(ctx, test.prepared); len(got) != test.want {
			t.Errorf("%v, %v: got %v", test.opened, test.prepared, got)
		}
		if got := limit.shorten(context.Background(), test.prepared); len(got) != len(test.prepared) {
			t.Errorf("without a deadline: %v", got)
		}
	}
}
