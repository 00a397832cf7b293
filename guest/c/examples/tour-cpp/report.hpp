// Prints what happened, and remembers whether anything was not as it should be.
#pragma once

#include <cstdio>
#include <functional>
#include <string>

#include <oslo_messaging.hpp>

class Report {
public:
    void done(const char *what, const char *tried, const std::string &came) {
        std::printf("%2d. %-16s %s  ->  %s\n", ++steps_, what, tried, came.c_str());
    }

    void failed(const char *what, const char *tried, const std::string &came) {
        surprises_++;
        done(what, tried, "UNEXPECTED: " + came);
    }

    // A step that is right if there is a result.
    void step(const char *what, const char *tried, const oslo::Result<std::string> &came) {
        came ? done(what, tried, *came) : failed(what, tried, came.error().describe());
    }

    // A step that is right if it ends with this error.
    void fails(const char *what, const char *tried, const oslo::Result<std::string> &came,
               oslo_error_kind kind, const std::function<std::string(const oslo::Error &)> &say) {
        if (came) {
            failed(what, tried, "it succeeded with " + *came);
        } else if (came.error().kind() != kind) {
            failed(what, tried, came.error().describe());
        } else {
            done(what, tried, say(came.error()));
        }
    }

    // The last lines; the program's exit code.
    int finish() const {
        if (surprises_ == 0) {
            std::printf("\nAll %d steps did what they should.\n", steps_);
            return 0;
        }
        std::printf("\n%d of %d steps did not do what they should.\n", surprises_, steps_);
        return 1;
    }

private:
    int steps_ = 0;
    int surprises_ = 0;
};
